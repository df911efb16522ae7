/* Apache's C client (zookeeper_mt), operation by operation: `client host:port`. */
#define THREADED
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

enum { SESSION_MS = 10000, DEADLINE_S = 20, TEXT = 8192 };

static int64_t zxid_base;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;

/* What a watcher was told: events of nodes as text, and the state of the session. */
struct events {
  char seen[TEXT];
  int count;
  int state;
};

static void print_quoted(const char *text) {
  putchar('"');
  for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
    if (*c == '"' || *c == '\\') putchar('\\');
    if (*c < 0x20) printf("\\u%04x", *c);
    else putchar(*c);
  }
  putchar('"');
}

static void step(const char *name, const char *format, ...) {
  char result[TEXT];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(result, sizeof result, format, arguments);
  va_end(arguments);
  printf("{\"step\":");
  print_quoted(name);
  printf(",\"result\":");
  print_quoted(result);
  printf("}\n");
  fflush(stdout);
}

static void control(const char *wish) {
  char answer[64];
  printf("{\"control\":\"%s\"}\n", wish);
  fflush(stdout);
  if (!fgets(answer, sizeof answer, stdin)) exit(3);
}

static const char *show(const struct Stat *stat) {
  static char text[512];
  if (zxid_base == 0) zxid_base = stat->czxid;
  snprintf(text, sizeof text, "czxid +%lld mzxid +%lld pzxid +%lld version %d cversion %d aversion %d owner %s length %d children %d",
           (long long)(stat->czxid - zxid_base), (long long)(stat->mzxid - zxid_base), (long long)(stat->pzxid - zxid_base), stat->version,
           stat->cversion, stat->aversion, stat->ephemeralOwner ? "a session" : "none", stat->dataLength, stat->numChildren);
  return text;
}

static void watcher(zhandle_t *zh, int type, int state, const char *path, void *context) {
  (void)zh;
  struct events *events = context;
  pthread_mutex_lock(&lock);
  if (type == ZOO_SESSION_EVENT) {
    events->state = state;
  } else {
    size_t used = strlen(events->seen);
    snprintf(events->seen + used, TEXT - used, "%d %s; ", type, path);
    events->count++;
  }
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

/* Waits for a state, or for so many events, and answers whether they came. */
static int await(struct events *events, int state, int count) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += DEADLINE_S;
  int late = 0;
  pthread_mutex_lock(&lock);
  while (!late && ((state && events->state != state) || events->count < count)) late = pthread_cond_timedwait(&changed, &lock, &until);
  pthread_mutex_unlock(&lock);
  return !late;
}

static zhandle_t *connect_to(const char *address, struct events *events, const clientid_t *id) {
  zhandle_t *zh = zookeeper_init(address, watcher, SESSION_MS, id, events, 0);
  if (!zh) exit(2);
  await(events, ZOO_CONNECTED_STATE, 0);
  return zh;
}

static void create(zhandle_t *zh, const char *name, const char *path, const char *data, int mode, int64_t ttl) {
  char made[512] = "";
  struct Stat stat = {0};
  int code = zoo_create2_ttl(zh, path, data, data ? (int)strlen(data) : -1, &ZOO_OPEN_ACL_UNSAFE, mode, ttl, made, sizeof made, &stat);
  if (code == ZOK) step(name, "%s %s", made, show(&stat));
  else step(name, "%d", code);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void children(zhandle_t *zh, const char *name, const char *path) {
  struct String_vector names;
  struct Stat stat;
  char text[TEXT] = "";
  int code = zoo_get_children2(zh, path, 0, &names, &stat);
  if (code != ZOK) {
    step(name, "%d", code);
    return;
  }
  qsort(names.data, (size_t)names.count, sizeof *names.data, by_name);
  for (int i = 0; i < names.count; i++) {
    strncat(text, names.data[i], TEXT - strlen(text) - 2);
    strcat(text, " ");
  }
  step(name, "%s%s", text, show(&stat));
  deallocate_String_vector(&names);
}

static void get(zhandle_t *zh, const char *name, const char *path) {
  static char buffer[1 << 20];
  int length = sizeof buffer;
  struct Stat stat = {0};
  int code = zoo_get(zh, path, 0, buffer, &length, &stat);
  if (code != ZOK) step(name, "%d", code);
  else if (length > 100) step(name, "%d bytes %s", length, show(&stat));
  else step(name, "%d '%.*s' %s", length, length > 0 ? length : 0, buffer, show(&stat));
}

static void set(zhandle_t *zh, const char *name, const char *path, const char *data, int version) {
  struct Stat stat = {0};
  int code = zoo_set2(zh, path, data, data ? (int)strlen(data) : -1, version, &stat);
  if (code == ZOK) step(name, "%s", show(&stat));
  else step(name, "%d", code);
}

static void exists(zhandle_t *zh, const char *name, const char *path) {
  struct Stat stat = {0};
  int code = zoo_exists(zh, path, 0, &stat);
  if (code == ZOK) step(name, "%s", show(&stat));
  else step(name, "%d", code);
}

static void operations(zhandle_t *zh) {
  step("state", "%d timeout %d", zoo_state(zh) == ZOO_CONNECTED_STATE, zoo_recv_timeout(zh));
  create(zh, "create", "/c", "one", ZOO_PERSISTENT, -1);
  create(zh, "create again", "/c", "one", ZOO_PERSISTENT, -1);
  create(zh, "create without a parent", "/none/child", "", ZOO_PERSISTENT, -1);
  create(zh, "create ephemeral", "/c/eph", "e", ZOO_EPHEMERAL, -1);
  create(zh, "create under an ephemeral", "/c/eph/x", "", ZOO_PERSISTENT, -1);
  create(zh, "create sequential", "/c/s-", "s", ZOO_PERSISTENT_SEQUENTIAL, -1);
  create(zh, "create ephemeral sequential", "/c/es-", "s", ZOO_EPHEMERAL_SEQUENTIAL, -1);
  create(zh, "create a container", "/c/container", "s", ZOO_CONTAINER, -1);
  create(zh, "create with a TTL", "/c/ttl", "t", ZOO_PERSISTENT_WITH_TTL, 3600000);
  create(zh, "create sequential with a TTL", "/c/ttls-", "t", ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL, 3600000);
  create(zh, "create with a TTL of zero", "/c/ttl0", "t", ZOO_PERSISTENT_WITH_TTL, 0);
  create(zh, "create with null data", "/c/null", NULL, ZOO_PERSISTENT, -1);
  create(zh, "create with empty data", "/c/empty", "", ZOO_PERSISTENT, -1);
  create(zh, "create with an invalid path", "/c//x", "", ZOO_PERSISTENT, -1);
  exists(zh, "exists", "/c");
  exists(zh, "exists not", "/none");
  get(zh, "get", "/c");
  get(zh, "get null", "/c/null");
  get(zh, "get empty", "/c/empty");
  get(zh, "get nothing", "/none");
  set(zh, "set", "/c", "two", -1);
  set(zh, "set at a version", "/c", "three", 1);
  set(zh, "set at a wrong version", "/c", "four", 1);
  set(zh, "set to null", "/c/empty", NULL, -1);
  set(zh, "set nothing", "/none", "", -1);
  children(zh, "children", "/c");
  children(zh, "children of nothing", "/none");
  step("delete with children", "%d", zoo_delete(zh, "/c", -1));
  step("delete at a wrong version", "%d", zoo_delete(zh, "/c/null", 3));
  step("delete", "%d", zoo_delete(zh, "/c/null", 0));
  step("delete nothing", "%d", zoo_delete(zh, "/c/null", -1));
  char *big = calloc(1, 900000);
  step("a big node", "%d", zoo_create(zh, "/c/big", big, 900000, &ZOO_OPEN_ACL_UNSAFE, 0, NULL, 0));
  free(big);
  get(zh, "get the big node", "/c/big");
}

static void done(int code, const void *data) {
  pthread_mutex_lock(&lock);
  *(int *)(uintptr_t)data = code;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
}

static void done_string(int code, const char *value, const void *data) {
  (void)value;
  done(code, data);
}

static int finished(volatile int *code) {
  pthread_mutex_lock(&lock);
  while (*code == 1) pthread_cond_wait(&changed, &lock);
  pthread_mutex_unlock(&lock);
  return *code;
}

static void permissions(zhandle_t *zh) {
  struct ACL entry = {ZOO_PERM_ALL, {"digest", "alice:aYXlLOpEooaV1cRAvUL1fp9Qt7E="}};
  struct ACL_vector alice = {1, &entry}, found;
  struct ACL bad = {ZOO_PERM_ALL, {"ip", "nonsense"}};
  struct ACL_vector invalid = {1, &bad};
  struct Stat stat;
  step("create for alice", "%d", zoo_create(zh, "/c/alice", "a", 1, &alice, 0, NULL, 0));
  get(zh, "get as anyone", "/c/alice");
  step("acl as anyone", "%d", zoo_get_acl(zh, "/c/alice", &found, &stat));
  int code = 1;
  zoo_add_auth(zh, "digest", "alice:secret", 12, done, &code);
  step("add auth", "%d", finished(&code));
  get(zh, "get as alice", "/c/alice");
  if (zoo_get_acl(zh, "/c/alice", &found, &stat) == ZOK) {
    step("acl as alice", "%d %s %s %d %s", found.count, found.data[0].id.scheme, found.data[0].id.id, found.data[0].perms, show(&stat));
    deallocate_ACL_vector(&found);
  }
  step("create as creator", "%d", zoo_create(zh, "/c/creator", "a", 1, &ZOO_CREATOR_ALL_ACL, 0, NULL, 0));
  step("set acl", "%d", zoo_set_acl(zh, "/c/alice", 0, &ZOO_OPEN_ACL_UNSAFE));
  step("set acl at a wrong version", "%d", zoo_set_acl(zh, "/c/alice", 0, &ZOO_OPEN_ACL_UNSAFE));
  step("set an invalid acl", "%d", zoo_set_acl(zh, "/c/alice", -1, &invalid));
  step("create with an invalid acl", "%d", zoo_create(zh, "/c/invalid", "a", 1, &invalid, 0, NULL, 0));
}

static void multi(zhandle_t *zh) {
  char made[64] = "", sequence[64] = "";
  struct Stat stat = {0};
  zoo_op_t operations[5];
  zoo_op_result_t results[5] = {0};
  zoo_create_op_init(&operations[0], "/c/multi", "a", 1, &ZOO_OPEN_ACL_UNSAFE, 0, made, sizeof made);
  zoo_create_op_init(&operations[1], "/c/multi/s-", "a", 1, &ZOO_OPEN_ACL_UNSAFE, ZOO_PERSISTENT_SEQUENTIAL, sequence, sizeof sequence);
  zoo_set_op_init(&operations[2], "/c/multi", "bb", 2, 0, &stat);
  zoo_check_op_init(&operations[3], "/c/multi", 1);
  zoo_delete_op_init(&operations[4], "/c/multi/s-0000000000", -1);
  int code = zoo_multi(zh, 5, operations, results);
  step("multi", "%d: %d %d %d %d %d %s %s %s", code, results[0].err, results[1].err, results[2].err, results[3].err, results[4].err, made, sequence, show(&stat));
  zoo_create_op_init(&operations[0], "/c/multi2", "a", 1, &ZOO_OPEN_ACL_UNSAFE, 0, made, sizeof made);
  zoo_check_op_init(&operations[1], "/c/multi", 77);
  zoo_delete_op_init(&operations[2], "/c/eph", -1);
  code = zoo_multi(zh, 3, operations, results);
  step("multi that fails", "%d: %d %d %d", code, results[0].err, results[1].err, results[2].err);
  exists(zh, "nothing of it happened", "/c/multi2");
}

static void watches(zhandle_t *zh, struct events *session) {
  struct events events = {0};
  struct Stat stat;
  struct String_vector names;
  step("watch a missing node", "%d", zoo_wexists(zh, "/c/w", watcher, &events, &stat));
  step("watch children", "%d", zoo_wget_children(zh, "/c", watcher, &events, &names));
  deallocate_String_vector(&names);
  create(zh, "a create", "/c/w", "w", ZOO_PERSISTENT, -1);
  int came = await(&events, 0, 2);
  step("both fire", "%d %s", came, events.seen);
  char buffer[16];
  int length = sizeof buffer;
  zoo_wget(zh, "/c/w", watcher, &events, buffer, &length, NULL);
  set(zh, "a set", "/c/w", "x", -1);
  set(zh, "another set", "/c/w", "y", -1);
  came = await(&events, 0, 3);
  step("the data watch fires once", "%d %s", came, events.seen);
  length = sizeof buffer;
  zoo_wget(zh, "/c/w", watcher, &events, buffer, &length, NULL);
  step("a delete", "%d", zoo_delete(zh, "/c/w", -1));
  came = await(&events, 0, 4);
  step("it fires at a delete", "%d %s", came, events.seen);
  step("remove watches of none", "%d", zoo_remove_all_watches(zh, "/c/none", ZWATCHTYPE_ANY, 0));
  zoo_wexists(zh, "/c/removed", watcher, &events, &stat);
  step("remove a watch", "%d", zoo_remove_watches(zh, "/c/removed", ZWATCHTYPE_DATA, watcher, &events, 0));
  int code = 1;
  zoo_async(zh, "/c", done_string, &code);
  step("sync", "%d", finished(&code));
  step("the session's watcher saw none of it", "%d", session->count);
}

static void sessions(zhandle_t *zh, struct events *session, const char *address) {
  struct events other_session = {0}, events = {0}, kept = {0};
  struct Stat stat;
  zhandle_t *other = connect_to(address, &other_session, NULL);
  zoo_create(other, "/c/closing", "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, NULL, 0);
  zoo_wexists(zh, "/c/closing", watcher, &events, &stat);
  zookeeper_close(other);
  int came = await(&events, 0, 1);
  step("closing removes ephemerals", "%d %s", came, events.seen);
  int64_t id = zoo_client_id(zh)->client_id;
  char buffer[16];
  int length = sizeof buffer;
  zoo_wget(zh, "/c", watcher, &kept, buffer, &length, NULL);
  session->state = 0;
  control("restart");
  came = await(session, ZOO_CONNECTED_STATE, 0);
  step("the session outlives the server", "%d %d", came, zoo_client_id(zh)->client_id == id);
  get(zh, "so does the tree", "/c");
  exists(zh, "and the ephemeral", "/c/eph");
  set(zh, "a set after the restart", "/c", "new", -1);
  came = await(&kept, 0, 1);
  step("and the watch", "%d %s", came, kept.seen);
  struct events stranger_session = {0};
  clientid_t wrong = *zoo_client_id(zh);
  memset(wrong.passwd, 0, sizeof wrong.passwd);
  zhandle_t *stranger = zookeeper_init(address, watcher, SESSION_MS, &wrong, &stranger_session, 0);
  step("a wrong password", "%d", await(&stranger_session, ZOO_EXPIRED_SESSION_STATE, 0));
  zookeeper_close(stranger);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  zoo_set_debug_level(0);
  struct events session = {0};
  zhandle_t *zh = connect_to(arguments[1], &session, NULL);
  operations(zh);
  permissions(zh);
  multi(zh);
  watches(zh, &session);
  sessions(zh, &session, arguments[1]);
  return zookeeper_close(zh);
}
