/** A server in the foreground: until a signal, with one clear line for what keeps it from starting. */
import { startServer, type RunningServer, type ServerOptions } from '@meerkat/server'

export interface ServingOptions extends ServerOptions {
  readonly onServing: (server: RunningServer) => void
  readonly onStopped?: () => void
}

/** Returns the exit code. SIGUSR2 turns debug lines on and off. */
export async function serveUntilStopped({ onServing, onStopped, ...options }: ServingOptions): Promise<number> {
  const { logging } = options
  const stopped = signal()
  let server: RunningServer
  try {
    server = await startServer(options)
  } catch (error) {
    await logging.close()
    process.stderr.write(`meerkat: ${explain(error)}\n`)
    return 1
  }
  process.on('SIGUSR2', () => logging.toggleDebug())
  onServing(server)
  await stopped
  try {
    await server.stop()
  } catch (error) {
    logging.logger('server').error('the server did not stop cleanly', { error })
    await logging.close()
    process.exit(1)
  }
  onStopped?.()
  await logging.close()
  // At once: while Node.js tidies up, a further signal would end the process as if nobody had cared for it.
  process.exit(0)
}

/** The first SIGINT or SIGTERM. Further ones change nothing: a terminal and npm each send one at Ctrl-C. */
function signal(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => resolve())
  })
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'may not be written by this user: change its owner or mode, or choose another directory',
  EPERM: 'may not be written by this user: change its owner or mode, or choose another directory',
  EROFS: 'is on a read-only file system: choose another directory',
  ENOSPC: 'is on a full disk: make room, or choose another directory',
  ENOTDIR: 'is not a directory: choose another one',
  EEXIST: 'is not a directory: choose another one',
  ENOENT: 'does not exist: make it, or allow datadir.autocreate',
}

/** A sentence for a person. Faults of this program keep their stack. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code, path, syscall } = error as NodeJS.ErrnoException
  if (syscall !== undefined && path !== undefined)
    return `${path} ${ADVICE[code ?? ''] ?? `cannot be used: ${error.message}`}`
  return code === undefined ? (error.stack ?? error.message) : error.message
}
