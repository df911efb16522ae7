/** The listening sockets for clients: plain, secure, or both on one port (client.portUnification). */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ClientPort } from './clientPort.ts'
import type { ServerConfiguration } from './configuration/configuration.ts'
import { listenError } from './admin/listen.ts'
import type { Logger } from './logging/logger.ts'
import type { FileWatch } from './tls/watchFiles.ts'
import { clientTlsSettings } from './tls/settings.ts'
import type { TlsContext } from './tls/tlsContext.ts'

export interface ListenersOptions {
  readonly configuration: ServerConfiguration
  /** What a person sets to choose the plain port. */
  readonly portSetting: string
  readonly port: ClientPort
  readonly log: Logger
  readonly onFailedHandshake: () => void
}

export interface Listeners {
  readonly plain: AddressInfo | undefined
  readonly secure: AddressInfo | undefined
  tlsHandshakes(): number
  close(): void
}

/** Opens what the configuration names. Rejects with a ListenError or a TlsConfigurationError, a sentence each. */
export async function openListeners(options: ListenersOptions): Promise<Listeners> {
  const { configuration, port, portSetting } = options
  const secured = needsTls(configuration) ? await openTls(options) : undefined
  const { clientPort, clientPortAddress, secureClientPort, secureClientPortAddress } = configuration
  const servers: Server[] = []
  const close = (): void => {
    for (const server of servers) server.close()
    secured?.close()
  }
  const open = async (onSocket: (socket: Socket) => void, at: ListenAt): Promise<AddressInfo> => {
    const server = createServer({ noDelay: true }, (socket) => {
      if (port.admit(socket)) onSocket(socket)
    })
    servers.push(server)
    return listenAt(server, { ...at, backlog: configuration.clientPortListenBacklog })
  }
  const servePlain = (socket: Socket): void => port.serve(socket, { secure: false, clientCertificate: null })
  try {
    const onPlainPort =
      secured !== undefined && configuration.tls.portUnification
        ? unify(servePlain, secured.accept, configuration.limits.sessionlessTimeoutMs)
        : servePlain
    const plain =
      clientPort === undefined
        ? undefined
        : await open(onPlainPort, { host: clientPortAddress, port: clientPort, setting: portSetting })
    const secure =
      secureClientPort === undefined || secured === undefined
        ? undefined
        : await open(secured.accept, {
            host: secureClientPortAddress,
            port: secureClientPort,
            setting: 'secureClientPort',
          })
    return { plain, secure, tlsHandshakes: () => secured?.handshakes() ?? 0, close }
  } catch (error) {
    close()
    throw error
  }
}

function needsTls({ secureClientPort, tls }: ServerConfiguration): boolean {
  return secureClientPort !== undefined || tls.portUnification
}

interface ListenAt {
  readonly host: string | undefined
  readonly port: number
  readonly setting: string
}

async function listenAt(server: Server, at: ListenAt & { backlog: number }): Promise<AddressInfo> {
  const { host, port, backlog, setting } = at
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(listenError(error, { host: host ?? '0.0.0.0', port, purpose: 'clients', setting })),
    )
    const where = { port, ...(host === undefined ? {} : { host }), ...(backlog > 0 ? { backlog } : {}) }
    server.listen(where, resolve)
  })
  return server.address() as AddressInfo
}

/** TLS's first byte is 22, a handshake; a frame's length or a four-letter word never begins so. */
const TLS_HANDSHAKE = 22

function unify(
  servePlain: (socket: Socket) => void,
  serveSecure: (socket: Socket) => void,
  firstByteTimeoutMs: number,
): (socket: Socket) => void {
  return (socket) => {
    const silent = setTimeout(() => socket.destroy(), firstByteTimeoutMs)
    socket.once('close', () => clearTimeout(silent))
    socket.once('readable', () => {
      clearTimeout(silent)
      const first = socket.read(1) as Buffer | null
      if (first === null) return
      socket.unshift(first)
      if (first[0] === TLS_HANDSHAKE) serveSecure(socket)
      else servePlain(socket)
    })
  }
}

interface SecureAcceptor {
  readonly accept: (socket: Socket) => void
  handshakes(): number
  close(): void
}

/** Makes TLS streams of sockets; certificates may be renewed meanwhile. */
async function openTls({ configuration, port, log, onFailedHandshake }: ListenersOptions): Promise<SecureAcceptor> {
  const { createServer: createTlsServer } = await import('node:tls')
  const { createTlsContext } = await import('./tls/tlsContext.ts')
  const { admitTlsClient } = await import('./tls/clientAdmission.ts')
  const settings = clientTlsSettings(configuration)
  let context: TlsContext = await createTlsContext(settings)
  const pending = new Set<string>()
  const server = createTlsServer(
    { ...context.serverOptions, handshakeTimeout: HANDSHAKE_TIMEOUT_MS },
    (stream: TLSSocket) => {
      pending.delete(nameOf(stream))
      admitTlsClient(stream, context.clientRules).then(
        (admission) => {
          if ('certificate' in admission) {
            return port.serve(stream, { secure: true, clientCertificate: admission.certificate })
          }
          onFailedHandshake()
          log.warn('a TLS client was refused', { address: stream.remoteAddress, reason: admission.refusal })
          stream.destroy()
        },
        (error: unknown) => stream.destroy(error as Error),
      )
    },
  )
  server.on('tlsClientError', (error, stream) => {
    onFailedHandshake()
    log.warn('a TLS handshake failed', { address: stream.remoteAddress, error: error.message })
    stream.destroy()
  })
  let watch: FileWatch | undefined
  if (configuration.tls.certReload) {
    const { watchCertificates } = await import('./tls/watchCertificates.ts')
    watch = watchCertificates({
      settings,
      log,
      apply: (renewed) => {
        context = renewed
        server.setSecureContext(renewed.secureContextOptions)
      },
    })
  }
  return {
    accept(socket) {
      const name = nameOf(socket)
      pending.add(name)
      socket.once('close', () => pending.delete(name))
      server.emit('connection', socket)
    },
    handshakes: () => pending.size,
    close: () => watch?.close(),
  }
}

const HANDSHAKE_TIMEOUT_MS = 10_000

/** The same of a socket and of the stream that TLS makes of it. */
function nameOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return [remoteAddress, remotePort, localPort].join()
}
