import { join } from 'node:path'
import { peersDirectory } from '../support/apache.ts'
import type { PeerName } from '../support/peers.ts'
import { compileC, compileGo } from './compile.ts'
import { javaProgram } from './java.ts'
import type { ServerOptions } from '../support/server-process.ts'
import type { ClientProgram } from './transcript.ts'

const here = import.meta.dirname

/** A client library of the field, and the program of ours that goes through what it offers. */
export interface Client {
  readonly name: string
  readonly needs: readonly PeerName[]
  /** What the servers are given; without it, `interopOptions`. */
  readonly options?: ServerOptions
  /** Fewer steps mean that the program gave up early, whatever the two servers agree on. */
  readonly stepsAtLeast: number
  /** Compiles what has to be compiled and answers the command for a server's address. */
  prepare(): Promise<(address: string) => ClientProgram>
}

/** Users of SASL in a JAAS file, one of whom is the superuser. */
const saslOptions: ServerOptions = {
  config: { 'authProvider.1': 'org.apache.zookeeper.server.auth.SASLAuthenticationProvider' },
  jvmFlags: [`-Djava.security.auth.login.config=${join(here, 'sasl', 'server.jaas')}`, '-Dzookeeper.superUser=root'],
}

/** The Java client of 3.9 refuses DIGEST-MD5 unless it is told not to be in FIPS mode. */
const saslClientFlags = `-Dzookeeper.fips-mode=false -Djava.security.auth.login.config=${join(here, 'sasl', 'client.jaas')}`

export const clients: readonly Client[] = [
  {
    name: "Apache's Java client",
    needs: ['javac', 'curator'],
    stepsAtLeast: 649,
    prepare: () => javaProgram('apache-3.9.4', 'JavaClient'),
  },
  {
    name: "Apache's zkCli",
    needs: ['javac', 'curator'],
    stepsAtLeast: 172,
    prepare: () => javaProgram('apache-3.9.4', 'ShellClient'),
  },
  {
    name: 'Apache Curator with its recipes',
    needs: ['javac', 'curator'],
    stepsAtLeast: 45,
    prepare: () => javaProgram('curator', 'CuratorClient'),
  },
  {
    name: 'kazoo',
    needs: ['kazoo'],
    stepsAtLeast: 78,
    prepare: () => Promise.resolve((address) => pythonProgram('kazoo_client.py', address)),
  },
  {
    name: "Apache's C client",
    needs: ['c-client'],
    stepsAtLeast: 65,
    prepare: async () => {
      const command = await compileC()
      return (address) => ({ command, arguments: [address] })
    },
  },
  {
    name: 'go-zookeeper',
    needs: ['go'],
    stepsAtLeast: 50,
    prepare: async () => {
      const command = await compileGo()
      return (address) => ({ command, arguments: [address] })
    },
  },
  {
    name: 'node-zookeeper-client',
    needs: ['node'],
    stepsAtLeast: 38,
    prepare: () =>
      Promise.resolve((address) => ({
        command: process.execPath,
        arguments: [join(here, 'node', 'client.cjs'), address],
        environment: { NODE_PATH: join(peersDirectory, 'node', 'node_modules') },
      })),
  },
  {
    name: "Apache's Java client over SASL",
    needs: ['javac', 'curator'],
    options: saslOptions,
    stepsAtLeast: 48,
    prepare: async () => {
      const program = await javaProgram('apache-3.9.4', 'SaslClient')
      return (address) => ({
        ...program(address),
        environment: { JDK_JAVA_OPTIONS: saslClientFlags },
      })
    },
  },
  {
    name: 'kazoo over SASL',
    needs: ['kazoo'],
    options: saslOptions,
    stepsAtLeast: 6,
    prepare: () => Promise.resolve((address) => pythonProgram('kazoo_sasl.py', address)),
  },
]

function pythonProgram(file: string, address: string): ClientProgram {
  return {
    command: 'python3',
    arguments: [join(here, 'python', file), address],
    environment: { PYTHONPATH: join(peersDirectory, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
  }
}
