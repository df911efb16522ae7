/** Which servers a client may use, and the order in which it tries them. */

export interface ServerAddress {
  readonly host: string
  readonly port: number
}

const DEFAULT_PORT = 2181

/** `host:port,host:port/chroot` in its parts. The chroot is empty or a path without a slash at its end. */
export function parseConnectString(text: string): { servers: ServerAddress[]; chroot: string } {
  const slash = text.indexOf('/')
  const chroot = slash < 0 ? '' : text.slice(slash).replace(/\/$/, '')
  const hosts = slash < 0 ? text : text.slice(0, slash)
  const servers = hosts
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseServer)
  if (servers.length === 0) {
    throw new Error(`"${text}" names no server: write host:port, or several with commas between them`)
  }
  return { servers, chroot }
}

/** `host`, `host:port`, `[v6]:port`; the port is 2181 where none is given. */
function parseServer(text: string): ServerAddress {
  const match = /^(?:\[(?<v6>[^\]]+)\]|(?<name>[^:]+))(?::(?<port>\d+))?$/.exec(text)
  const host = match?.groups?.['v6'] ?? match?.groups?.['name']
  const port = Number(match?.groups?.['port'] ?? DEFAULT_PORT)
  if (host === undefined || port < 1 || port > 65535) {
    throw new Error(`"${text}" is not a server: write host:port, with a port from 1 to 65535`)
  }
  return { host, port }
}

/** Goes round the servers in an order drawn once, as all clients of an ensemble spread themselves over it. */
export class ServerList {
  private readonly servers: readonly ServerAddress[]
  private at = -1

  /** `random` gives numbers from 0 up to 1. */
  constructor(servers: readonly ServerAddress[], random: () => number) {
    this.servers = shuffled(servers, random)
  }

  get size(): number {
    return this.servers.length
  }

  next(): ServerAddress {
    this.at = (this.at + 1) % this.servers.length
    return this.servers[this.at] as ServerAddress
  }
}

function shuffled<T>(values: readonly T[], random: () => number): T[] {
  const order = [...values]
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    ;[order[i], order[j]] = [order[j] as T, order[i] as T]
  }
  return order
}
