import { join } from 'node:path'
import { peersDirectory } from '../support/apache.ts'
import type { PeerName } from '../support/peers.ts'
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
]
