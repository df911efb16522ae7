import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServerProcess, type ServerOptions, type ServerUnderTest, type StartServer } from './server-process.ts'

export type ApacheVersion = '3.9.4' | '3.8'

/** Where tools/peers.sh puts the peers. */
export const peersDirectory = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '.cache', 'peers')

/** The class path of a Java peer: its logging configuration and its jars. */
export function javaClassPath(peer: 'apache-3.9.4' | 'apache-3.8' | 'curator'): string {
  return [join(peersDirectory, peer, 'conf'), join(peersDirectory, peer, 'lib', '*')].join(':')
}

/** Flags that make a short-lived JVM start fast and leave the other core alone. */
export const quickJvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto', '-Xmx512m']

/** A real Apache ZooKeeper server of this version, standing alone. */
export function apache(version: ApacheVersion): StartServer {
  return (options: ServerOptions = {}): Promise<ServerUnderTest> =>
    startServerProcess(
      {
        name: `Apache ZooKeeper ${version}`,
        command: 'java',
        arguments: (file, jvmFlags) => [
          ...quickJvm,
          '-cp',
          javaClassPath(`apache-${version}`),
          ...jvmFlags,
          'org.apache.zookeeper.server.quorum.QuorumPeerMain',
          file,
        ],
        environment: () => ({}),
      },
      options,
    )
}
