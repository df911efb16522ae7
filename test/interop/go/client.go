// Command client goes through what go-zookeeper offers: client host:port.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

const deadline = 20 * time.Second

var (
	open     = zk.WorldACL(zk.PermAll)
	zxidBase int64
	stdin    = bufio.NewReader(os.Stdin)
	output   = json.NewEncoder(os.Stdout)
)

type quiet struct{}

func (quiet) Printf(string, ...interface{}) {}

func step(name string, values ...interface{}) {
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = show(value)
	}
	_ = output.Encode(map[string]string{"step": name, "result": strings.Join(shown, ", ")})
}

func control(wish string) {
	_ = output.Encode(map[string]string{"control": wish})
	_, _ = stdin.ReadString('\n')
}

func show(value interface{}) string {
	switch v := value.(type) {
	case error:
		return v.Error()
	case []byte:
		if len(v) > 100 {
			return fmt.Sprintf("%d bytes", len(v))
		}
		return fmt.Sprintf("%q", v)
	case *zk.Stat:
		if v == nil || v.Czxid == 0 {
			return "no stat"
		}
		if zxidBase == 0 {
			zxidBase = v.Czxid
		}
		return fmt.Sprintf("stat +%d +%d +%d version %d cversion %d aversion %d owner %t length %d children %d", v.Czxid-zxidBase,
			v.Mzxid-zxidBase, v.Pzxid-zxidBase, v.Version, v.Cversion, v.Aversion, v.EphemeralOwner != 0, v.DataLength, v.NumChildren)
	case []string:
		sort.Strings(v)
		return strings.Join(v, " ")
	case zk.Event:
		return fmt.Sprintf("%v %s", v.Type, v.Path)
	default:
		return fmt.Sprintf("%v", v)
	}
}

func connect(address string) (*zk.Conn, <-chan zk.Event) {
	conn, events, err := zk.Connect([]string{address}, 10*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		panic(err)
	}
	waitFor(events, zk.StateHasSession)
	return conn, events
}

func waitFor(events <-chan zk.Event, state zk.State) {
	for timeout := time.After(deadline); ; {
		select {
		case event := <-events:
			if event.State == state {
				return
			}
		case <-timeout:
			panic(fmt.Sprintf("no %v in time", state))
		}
	}
}

func next(events <-chan zk.Event) interface{} {
	select {
	case event := <-events:
		return event
	case <-time.After(deadline):
		return "no event in time"
	}
}

func operations(conn *zk.Conn) {
	create := func(name, path string, data []byte, flags int32) {
		made, err := conn.Create(path, data, flags, open)
		step(name, made, err)
	}
	create("create", "/go", []byte("one"), 0)
	create("create again", "/go", nil, 0)
	create("create without a parent", "/none/child", nil, 0)
	create("create ephemeral", "/go/eph", []byte("e"), zk.FlagEphemeral)
	create("create sequential", "/go/s-", nil, zk.FlagSequence)
	create("create ephemeral sequential", "/go/es-", nil, zk.FlagEphemeral|zk.FlagSequence)
	create("create under an ephemeral", "/go/eph/x", nil, 0)
	create("create a big node", "/go/big", make([]byte, 900_000), 0)
	container, err := conn.CreateContainer("/go/container", nil, zk.FlagContainer, open)
	step("create a container", container, err)
	ttl, err := conn.CreateTTL("/go/ttl", nil, zk.FlagTTL, open, time.Hour)
	step("create with a TTL", ttl, err)
	protected, err := conn.CreateProtectedEphemeralSequential("/go/p-", nil, open)
	step("create protected", strings.HasSuffix(protected, "-p-0000000006"), err)
	for _, path := range []string{"/go", "/none", "/go/container", "/go/ttl", "/go/big"} {
		found, stat, err := conn.Exists(path)
		step("exists "+path, found, stat, err)
		data, stat, err := conn.Get(path)
		step("get "+path, data, stat, err)
	}
	for _, version := range []int32{0, 0, -1, 9} {
		stat, err := conn.Set("/go", []byte("two"), version)
		step(fmt.Sprintf("set at version %d", version), stat, err)
	}
	children, stat, err := conn.Children("/go")
	for i, name := range children {
		if strings.HasPrefix(name, "_c_") {
			children[i] = "protected"
		}
	}
	step("children", children, stat, err)
	path, err := conn.Sync("/go")
	step("sync", path, err)
	step("delete at a wrong version", conn.Delete("/go/big", 3))
	step("delete", conn.Delete("/go/big", 0))
	step("delete nothing", conn.Delete("/go/none", -1))
	step("delete with children", conn.Delete("/go", -1))
	ephemerals := 0
	for i := 0; i < 200; i++ {
		if _, err := conn.Create(fmt.Sprintf("/go/many-%d", i), nil, 0, open); err == nil {
			ephemerals++
		}
	}
	step("many", ephemerals)
}

func permissions(conn *zk.Conn) {
	made, err := conn.Create("/go/alice", nil, 0, zk.DigestACL(zk.PermAll, "alice", "secret"))
	step("create for alice", made, err)
	_, _, err = conn.Get("/go/alice")
	step("get as anyone", err)
	step("add auth", conn.AddAuth("digest", []byte("alice:secret")))
	data, stat, err := conn.Get("/go/alice")
	step("get as alice", data, stat, err)
	acl, stat, err := conn.GetACL("/go/alice")
	step("acl", acl, stat, err)
	stat, err = conn.SetACL("/go/alice", open, 0)
	step("set acl", stat, err)
	_, err = conn.SetACL("/go/alice", open, 0)
	step("set acl at a wrong version", err)
	_, err = conn.SetACL("/go/alice", []zk.ACL{{Perms: zk.PermAll, Scheme: "ip", ID: "nonsense"}}, -1)
	step("set an invalid acl", err)
}

func multi(conn *zk.Conn) {
	describe := func(name string, responses []zk.MultiResponse, err error) {
		values := []interface{}{}
		for _, one := range responses {
			values = append(values, one.String, one.Stat, one.Error)
		}
		step(name, append(values, err)...)
	}
	responses, err := conn.Multi(
		&zk.CreateRequest{Path: "/go/multi", Data: []byte("a"), Acl: open}, &zk.SetDataRequest{Path: "/go/multi", Data: []byte("b"), Version: 0},
		&zk.CheckVersionRequest{Path: "/go/multi", Version: 1}, &zk.DeleteRequest{Path: "/go/multi", Version: 1})
	describe("multi", responses, err)
	responses, err = conn.Multi(&zk.CreateRequest{Path: "/go/multi", Acl: open}, &zk.CheckVersionRequest{Path: "/go", Version: 99}, &zk.DeleteRequest{Path: "/go/eph", Version: -1})
	describe("multi that fails", responses, err)
	found, _, err := conn.Exists("/go/multi")
	step("nothing of it happened", found, err)
}

func watches(conn *zk.Conn) {
	_, _, unborn, err := conn.ExistsW("/go/w")
	step("watch a missing node", err)
	_, _, children, err := conn.ChildrenW("/go")
	step("watch children", err)
	_, err = conn.Create("/go/w", nil, 0, open)
	step("they fire", next(unborn), next(children), err)
	_, _, data, err := conn.GetW("/go/w")
	step("watch data", err)
	_, err = conn.Set("/go/w", nil, -1)
	step("it fires", next(data), err)
}

func locks(conn, other *zk.Conn) {
	mine, theirs := zk.NewLock(conn, "/go-lock", open), zk.NewLock(other, "/go-lock", open)
	step("lock", mine.Lock())
	held := make(chan error)
	go func() { held <- theirs.Lock() }()
	select {
	case err := <-held:
		step("lock of another", "too early", err)
	case <-time.After(100 * time.Millisecond):
		step("unlock", mine.Unlock())
		step("lock of another", <-held)
	}
	step("unlock of another", theirs.Unlock())
}

func sessions(conn *zk.Conn, events <-chan zk.Event, address string) {
	short, _ := connect(address)
	_, _ = short.Create("/go/closing", nil, zk.FlagEphemeral, open)
	_, _, gone, _ := conn.ExistsW("/go/closing")
	short.Close()
	step("closing removes ephemerals", next(gone))
	id := conn.SessionID()
	_, _, watch, _ := conn.GetW("/go")
	for len(events) > 0 {
		<-events
	}
	control("restart")
	waitFor(events, zk.StateHasSession)
	step("the session outlives the server", conn.SessionID() == id)
	found, stat, err := conn.Exists("/go/eph")
	step("so does the ephemeral", found, stat, err)
	_, err = conn.Set("/go", []byte("new"), -1)
	step("and the watch", next(watch), err)
}

func main() {
	address := os.Args[1]
	conn, events := connect(address)
	other, _ := connect(address)
	operations(conn)
	permissions(conn)
	multi(conn)
	watches(conn)
	locks(conn, other)
	sessions(conn, events, address)
	other.Close()
	conn.Close()
}
