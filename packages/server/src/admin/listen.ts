import type { Server } from 'node:net'

/** A port that an HTTP server of ours was to listen on, and could not. */
export class ListenError extends Error {
  readonly code: string

  constructor(message: string, cause: NodeJS.ErrnoException) {
    super(message, { cause })
    this.name = 'ListenError'
    this.code = cause.code ?? 'UNKNOWN'
  }
}

export interface Listening {
  /** The port in use, also where 0 was asked for. */
  readonly port: number
  /** Ends idle connections at once and the others after `graceMs`. */
  close(): Promise<void>
}

export interface ListenOptions {
  readonly host: string
  readonly port: number
  /** What the port is for, and the setting that chooses another: parts of the error message. */
  readonly purpose: string
  readonly setting: string
  readonly maxConnections: number
}

/** Milliseconds that a request under way gets when the server stops. */
const graceMs = 1000

export async function listen(server: Server & Closable, options: ListenOptions): Promise<Listening> {
  server.maxConnections = options.maxConnections
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenError(error, options))
    server.once('error', refuse)
    server.listen(options.port, options.host, () => {
      server.off('error', refuse)
      resolve()
    })
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () => closeSoon(server),
  }
}

interface Closable {
  closeIdleConnections(): void
  closeAllConnections(): void
}

function closeSoon(server: Server & Closable): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(timer)
      resolve()
    })
    server.closeIdleConnections()
  })
}

export function listenError(
  error: NodeJS.ErrnoException,
  { host, port, purpose, setting }: Omit<ListenOptions, 'maxConnections'>,
): ListenError {
  const where = `${host}:${port}`
  const reason =
    error.code === 'EADDRINUSE' ? 'another process listens there' : `the system says ${error.code ?? error.message}`
  return new ListenError(`${purpose} cannot listen on ${where}: ${reason}; set ${setting} to another port`, error)
}
