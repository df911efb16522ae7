#!/usr/bin/env bash
# Sets up the peers that the interoperation tests and the bench run against: Apache ZooKeeper's servers and the
# clients of the field. Everything lands under .cache/peers, which git ignores; a stamp per peer makes a second run
# quick. A changed recipe has a changed stamp, so the peer is made anew.
#
#   tools/peers.sh            every peer
#   tools/peers.sh NAME...    only these: apache-3.9.4 apache-3.8 curator kazoo c go node
#
# Needs Node.js with npm and a network that reaches the ordinary package registries; what else is missing (a JDK, Maven,
# Go, a C compiler, pip) is installed with apt-get where that is possible.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
peers="$root/.cache/peers"

apache_39=3.9.4
apache_38=3.8.6
jline_version=2.14.6
curator_version=5.9.0
kazoo_version=2.11.0
pure_sasl_version=0.6.2
go_zookeeper_version=v1.0.4
node_zookeeper_version=1.1.3

main() {
  mkdir -p "$peers"
  # One run at a time: two test runs that start together must not unpack over each other.
  exec 9>"$peers/.lock"
  if command -v flock >/dev/null; then flock 9; fi
  local names=("$@")
  if [ ${#names[@]} -eq 0 ]; then names=(apache-3.9.4 apache-3.8 curator kazoo c go node); fi
  local name failed=()
  for name in "${names[@]}"; do
    # A subshell that is not part of a condition keeps `set -e`, so the first failed command ends this peer only.
    set +e
    (set -e; prepare "$name")
    [ $? -eq 0 ] || failed+=("$name")
    set -e
  done
  if [ ${#failed[@]} -gt 0 ]; then
    echo "peers: could not set up: ${failed[*]} (the messages above say why; run tools/peers.sh again)" >&2
    exit 1
  fi
}

prepare() {
  case "$1" in
    apache-3.9.4) once apache-3.9.4 "$apache_39 2" apache_server "$apache_39" org.apache.zookeeper:zookeeper-prometheus-metrics ;;
    apache-3.8) once apache-3.8 "$apache_38 2" apache_server "$apache_38" ;;
    curator) once curator "$curator_version $apache_39 2" curator ;;
    kazoo) once python "$kazoo_version $pure_sasl_version 1" kazoo ;;
    c) once c 'system 1' c_client ;;
    go) once go "$go_zookeeper_version 1" go_client ;;
    node) once node "$node_zookeeper_version 1" node_client ;;
    *) echo "peers: nobody knows a peer named '$1' (see the head of tools/peers.sh)" >&2; return 1 ;;
  esac
}

# once DIRECTORY STAMP RECIPE ARGUMENT...: runs the recipe inside a fresh directory, unless its stamp stands already.
once() {
  local directory="$peers/$1" stamp="$2" recipe="$3"
  shift 3
  if [ "$(cat "$directory/.stamp" 2>/dev/null)" = "$stamp" ]; then return 0; fi
  echo "peers: setting up ${directory#"$root"/}" >&2
  rm -rf "$directory"
  mkdir -p "$directory"
  cd "$directory"
  "$recipe" "$@"
  printf '%s\n' "$stamp" >"$directory/.stamp"
}

# needs COMMAND PACKAGE: the Debian package is installed when its command is missing.
needs() {
  command -v "$1" >/dev/null || install_package "$2"
}

install_package() {
  command -v apt-get >/dev/null || { echo "peers: install the equivalent of Debian's package $1 first" >&2; return 1; }
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
  "${as_root[@]}" apt-get update -qq
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

# apache_server VERSION [GROUP:ARTIFACT...]
apache_server() {
  local version="$1"
  shift
  java_tools
  # ZooKeeper marks as "provided" what its own distribution brings along; the imported parent names their versions.
  dependencies "$version" "$@" \
    org.apache.zookeeper:zookeeper commons-cli:commons-cli \
    "jline:jline:$jline_version" \
    org.eclipse.jetty:jetty-server org.eclipse.jetty:jetty-servlet com.fasterxml.jackson.core:jackson-databind \
    io.dropwizard.metrics:metrics-core org.xerial.snappy:snappy-java ch.qos.logback:logback-classic
  logging_configuration
}

curator() {
  java_tools
  dependencies "$apache_39" \
    "org.apache.curator:curator-recipes:$curator_version" "org.apache.curator:curator-x-discovery:$curator_version" \
    org.apache.zookeeper:zookeeper io.dropwizard.metrics:metrics-core org.xerial.snappy:snappy-java ch.qos.logback:logback-classic
  logging_configuration
}

java_tools() {
  needs javac openjdk-17-jdk-headless
  needs mvn maven
}

# dependencies ZOOKEEPER-VERSION GROUP:ARTIFACT[:VERSION]...: copies their jars, and what these need, into lib/.
dependencies() {
  local zookeeper="$1"
  shift
  {
    echo '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
    echo '<groupId>meerkat</groupId><artifactId>peer</artifactId><version>1</version><packaging>pom</packaging>'
    echo '<dependencyManagement><dependencies><dependency><groupId>org.apache.zookeeper</groupId><artifactId>parent</artifactId>'
    echo "<version>$zookeeper</version><type>pom</type><scope>import</scope></dependency>"
    dependency "org.apache.zookeeper:zookeeper:$zookeeper"
    dependency "org.apache.zookeeper:zookeeper-prometheus-metrics:$zookeeper"
    echo '</dependencies></dependencyManagement><dependencies>'
    local coordinates
    for coordinates in "$@"; do dependency "$coordinates"; done
    echo '</dependencies></project>'
  } >pom.xml
  mvn -q -B -ntp dependency:copy-dependencies -DoutputDirectory=lib -DincludeScope=runtime >mvn.out 2>&1 || {
    cat mvn.out >&2
    return 1
  }
  ls lib/zookeeper-"$zookeeper".jar >/dev/null
}

dependency() {
  local group artifact version
  IFS=: read -r group artifact version <<<"$1"
  echo "<dependency><groupId>$group</groupId><artifactId>$artifact</artifactId>${version:+<version>$version</version>}<scope>compile</scope></dependency>"
}

# Without a file logback prints every debug line. Servers speak at INFO; client programs pass -Dzookeeper.log.level=OFF.
logging_configuration() {
  mkdir -p conf
  cat >conf/logback.xml <<'XML'
<configuration>
  <statusListener class="ch.qos.logback.core.status.NopStatusListener" />
  <appender name="OUT" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} [myid:%X{myid}] - %-5p [%t:%C{1}@%L] - %m%n</pattern></encoder>
  </appender>
  <root level="${zookeeper.log.level:-INFO}"><appender-ref ref="OUT" /></root>
</configuration>
XML
}

kazoo() {
  needs python3 python3
  python3 -m pip --version >/dev/null 2>&1 || install_package python3-pip
  python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target . \
    "kazoo==$kazoo_version" "pure-sasl==$pure_sasl_version"
}

c_client() {
  needs cc build-essential
  local probe='#include <zookeeper/zookeeper.h>'
  echo "$probe" | cc -fsyntax-only -x c - 2>/dev/null || install_package libzookeeper-mt-dev
  echo "$probe" | cc -fsyntax-only -x c -
}

# The module cache stays inside the peer's directory, so a test builds its program without a network.
go_client() {
  needs go golang-go
  printf 'module meerkat/peer\n\ngo 1.19\n' >go.mod
  export GOMODCACHE="$PWD/modcache" GOFLAGS=-modcacherw
  go get "github.com/go-zookeeper/zk@$go_zookeeper_version"
}

node_client() {
  echo '{"name":"peer","private":true}' >package.json
  npm install --silent --no-fund --no-audit "node-zookeeper-client@$node_zookeeper_version"
}

main "$@"
