import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Server as NetServer, Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import type { TlsOptions, TLSSocket } from 'node:tls'
import type { AdminCredentials } from '../status.ts'
import type { AdminContext } from './commands/command.ts'
import { prettyJson } from './json.ts'
import { listen } from './listen.ts'
import type { Listening } from './listen.ts'
import { RateLimiter } from './rateLimiter.ts'
import { commandLinks, runCommand } from './run.ts'
import { targetOf } from './target.ts'
import { unifyPort } from './unifyPort.ts'

/** The keys admin.*, and what the commands work on. */
export interface AdminServerOptions extends Omit<AdminContext, 'limiters'> {
  readonly address: string
  readonly port: number
  readonly commandUrl: string
  readonly idleTimeoutMs: number
  readonly rateLimiterIntervalMs: number
  /** `https` takes HTTPS alone, `both` tells by the first byte of a connection. */
  readonly transport: 'http' | 'https' | 'both'
  /** Key, certificates and whether clients must show one; for `https` and `both`. */
  readonly tls?: TlsOptions
  /** A request comes from the address that its header X-Forwarded-For names first. */
  readonly useXForwardedFor: boolean
}

const maxConnections = 128
const headersTimeoutMs = 10_000
/** One day, as Apache's server has it. */
const strictTransportSecurity = 'max-age=86400; includeSubDomains'

/**
 * Starts the admin server. Rejects with a ListenError if its port is in use: a server of Apache's that stands alone then
 * ends with exit code 4, one of an ensemble says so and goes on.
 */
export async function startAdminServer(options: AdminServerOptions): Promise<Listening> {
  const elapsedMs = (): number => options.status.elapsedMs()
  // Apache reads the interval between snapshots as microseconds, so it is a thousandth of that between restores.
  const limiters = {
    snapshot: new RateLimiter(options.rateLimiterIntervalMs / 1000, elapsedMs),
    restore: new RateLimiter(options.rateLimiterIntervalMs, elapsedMs),
  }
  const context: AdminContext = { ...options, limiters }
  const server = await createServer(options, (request, response) => {
    answer(context, options, request, response).catch((error: unknown) => {
      options.logging.logger('admin').error('a request to the admin server failed', { error, url: request.url })
      if (response.headersSent) response.destroy()
      else
        send(response, { status: 500, type: 'text/plain; charset=utf-8', body: 'The command failed; see the log.\n' })
    })
  })
  return listen(server, {
    host: options.address,
    port: options.port,
    maxConnections,
    purpose: 'the admin server',
    setting: 'admin.serverPort',
  })
}

type Closable = NetServer & Pick<Server, 'closeIdleConnections' | 'closeAllConnections'>

/** Requests have no time limit as a whole, since a restore may be long; a silent connection has one. */
async function createServer(options: AdminServerOptions, listener: RequestListener): Promise<Closable> {
  const http = await import('node:http')
  const { idleTimeoutMs } = options
  const limits = { requestTimeout: 0, headersTimeout: headersTimeoutMs, maxHeaderSize: 16_384 }
  const timed = <S extends Server>(server: S): S => {
    server.keepAliveTimeout = idleTimeoutMs
    server.setTimeout(idleTimeoutMs)
    return server
  }
  if (options.transport === 'http') return timed(http.createServer(limits, listener))
  const https = await import('node:https')
  const secure = timed(https.createServer({ ...limits, ...options.tls, handshakeTimeout: headersTimeoutMs }, listener))
  if (options.transport === 'https') return secure
  const plain = timed(
    http.createServer(limits, (request, response) => {
      options.metrics.insecure_admin_count.add(1)
      listener(request, response)
    }),
  )
  return unifyPort({ plain, secure, firstByteTimeoutMs: headersTimeoutMs })
}

async function answer(
  context: AdminContext,
  { commandUrl, idleTimeoutMs, useXForwardedFor }: AdminServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (isTls(request.socket)) response.setHeader('Strict-Transport-Security', strictTransportSecurity)
  const { path, query } = targetOf(request)
  if (path !== commandUrl && !path.startsWith(`${commandUrl}/`)) {
    return sendText(response, 404, `Commands are at ${commandUrl}.\n`)
  }
  const method = request.method === 'HEAD' ? 'GET' : request.method
  if (method !== 'GET' && method !== 'POST') return sendText(response, 405, 'Use GET or POST.\n')
  const name = path.slice(commandUrl.length + 1)
  if (name === '') {
    return send(response, { status: 200, type: 'text/html; charset=utf-8', body: commandLinks(commandUrl) })
  }
  const credentials = credentialsOf(request, useXForwardedFor)
  suspendTimeout(request, method)
  const { status, headers, body } = await runCommand(context, { method, name, query, body: request, credentials })
  request.socket.setTimeout(idleTimeoutMs)
  for (const [header, value] of Object.entries(headers)) response.setHeader(header, value)
  if ('file' in body) return sendFile(response, body.file)
  // A body that nobody read must not be read as the next request, nor waited for.
  if (!request.complete) response.setHeader('Connection', 'close')
  send(response, { status, type: 'application/json', body: prettyJson(body.json) })
}

/** A snapshot or restore may take longer than a connection may be silent: once the request is here, it is our turn. */
function suspendTimeout(request: IncomingMessage, method: 'GET' | 'POST'): void {
  request.once('end', () => request.socket.setTimeout(0))
  if (method === 'GET') request.resume()
}

function credentialsOf({ headers, socket }: IncomingMessage, believesProxies: boolean): AdminCredentials | undefined {
  if (headers.authorization === undefined) return undefined
  const forwardedFor = believesProxies ? [headers['x-forwarded-for']].flat()[0]?.split(',')[0]?.trim() : undefined
  const certificate = isTls(socket) ? socket.getPeerX509Certificate()?.raw : undefined
  return {
    authorization: headers.authorization,
    remoteAddress: forwardedFor ?? socket.remoteAddress ?? '',
    ...(certificate !== undefined && { certificate }),
  }
}

function isTls(socket: Socket): socket is TLSSocket {
  return 'encrypted' in socket
}

async function sendFile(response: ServerResponse, file: string): Promise<void> {
  const { size } = await stat(file)
  response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': size })
  await pipeline(createReadStream(file), response)
}

function sendText(response: ServerResponse, status: number, body: string): void {
  send(response, { status, type: 'text/plain; charset=utf-8', body })
}

function send(response: ServerResponse, { status, type, body }: { status: number; type: string; body: string }): void {
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}
