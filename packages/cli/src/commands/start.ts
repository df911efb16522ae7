/** `meerkat start`, which is `npm start`: a server on this machine with nothing to configure. */
import { openLog, standaloneConfiguration } from '@meerkat/server'
import { resolve } from 'node:path'
import { serveUntilStopped } from './serving.ts'

export interface StartOptions {
  readonly port: string
  readonly data: string
}

/** Returns the exit code. */
export async function runStart({ port: portText, data }: StartOptions): Promise<number> {
  const port = Number(portText)
  if (!/^\d+$/.test(portText) || port > 65535) {
    process.stderr.write(`meerkat: --port ${portText}: not a port; write a whole number from 0 to 65535\n`)
    return 2
  }
  const dataDir = resolve(data)
  const configuration = standaloneConfiguration({
    dataDir,
    clientPort: port,
    clientPortAddress: '127.0.0.1',
    tickTime: 2000,
    extendedTypesEnabled: true,
    '4lw.commands.whitelist': ['*'],
    'admin.enableServer': false,
    'meerkat.log.level': 'warn',
    'meerkat.log.format': process.stdout.isTTY ? 'pretty' : 'json',
  })
  return serveUntilStopped({
    configuration,
    logging: openLog(configuration.logging),
    portSetting: '--port',
    onServing: ({ plain }) => process.stdout.write(welcome(plain?.port ?? port, dataDir)),
    onStopped: () => process.stdout.write('Meerkat has stopped; the data stays where it is.\n'),
  })
}

function welcome(port: number, dataDir: string): string {
  return `Meerkat serves ZooKeeper clients on 127.0.0.1:${port}, with its data in ${dataDir}.
  Try:   npx meerkat shell -server 127.0.0.1:${port} create /hello world
         npx meerkat shell -server 127.0.0.1:${port} get /hello
  Any ZooKeeper client works as well: zkCli.sh -server 127.0.0.1:${port}
  Stop:  Ctrl-C
`
}
