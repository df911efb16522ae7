import type { ShellCommand } from '../command.ts'
import { statLines } from '../format.ts'

export const config: ShellCommand = {
  name: 'config',
  usage: '[-c] [-w] [-s]',
  summary: "print the ensemble's configuration, or with -c what a client needs to connect",
  options: { s: { text: 'stats' }, w: { text: 'watch' }, c: { text: 'client connection string' } },
  async run(shell, args) {
    const { data, stat } = await shell.client.getConfig(args.has('w') ? { watch: shell.watcher } : {})
    const text = data?.toString() ?? 'null'
    shell.out(args.has('c') ? clientConfiguration(text) : text)
    if (args.has('s')) shell.out(statLines(stat))
  },
}

/** `version host:port,host:port` of the servers with a client address. */
function clientConfiguration(text: string): string {
  const lines = text.split('\n').map((line) => line.trim())
  const version = lines.find((line) => line.startsWith('version='))?.slice('version='.length) ?? ''
  const servers = lines.filter((line) => line.startsWith('server.')).map(clientAddress)
  return `${version} ${servers.filter((server) => server !== undefined).join(',')}`
}

/** `server.1=host:2888:3888:participant;[address:]2181`: an address that is missing is every address of the host. */
function clientAddress(line: string): string | undefined {
  const client = line.split(';')[1]
  if (client === undefined) return undefined
  return client.includes(':') ? client : `0.0.0.0:${client}`
}
