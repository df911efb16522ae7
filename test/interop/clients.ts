import { join } from 'node:path'
import { peersDirectory } from '../support/apache.ts'
import type { PeerName } from '../support/peers.ts'
import { compileC, compileGo } from './compile.ts'
import { javaProgram } from './java.ts'
import type { ClientProgram } from './transcript.ts'

const here = import.meta.dirname

/** A client library of the field, and the program of ours that goes through what it offers. */
export interface Client {
  readonly name: string
  readonly needs: readonly PeerName[]
  /** Fewer steps mean that the program gave up early, whatever the two servers agree on. */
  readonly stepsAtLeast: number
  /** Compiles what has to be compiled and answers the command for a server's address. */
  prepare(): Promise<(address: string) => ClientProgram>
}

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
    prepare: () =>
      Promise.resolve((address) => ({
        command: 'python3',
        arguments: [join(here, 'python', 'kazoo_client.py'), address],
        environment: { PYTHONPATH: join(peersDirectory, 'python'), PYTHONDONTWRITEBYTECODE: '1' },
      })),
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
]
