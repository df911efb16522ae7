import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServerProcess, type ServerOptions, type ServerUnderTest } from './server-process.ts'

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

/** Our own server as a real process, with the zoo.cfg and the flags that Apache's server would get. */
export function meerkat(options: ServerOptions = {}): Promise<ServerUnderTest> {
  return startServerProcess(
    {
      name: 'Meerkat',
      command: process.execPath,
      arguments: (file) => [join(root, 'packages', 'cli', 'bin', 'meerkat.js'), 'server', file],
      environment: (jvmFlags) => ({ SERVER_JVMFLAGS: jvmFlags.join(' ') }),
    },
    options,
  )
}
