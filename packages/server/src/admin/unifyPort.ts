import { createServer } from 'node:net'
import type { Server as HttpServer } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Server as NetServer, Socket } from 'node:net'

interface UnifyOptions {
  readonly plain: HttpServer
  readonly secure: HttpsServer
  /** Milliseconds that a connection may be silent before it is known what it speaks. */
  readonly firstByteTimeoutMs: number
}

/** The first byte of a TLS handshake; no HTTP request begins with it. */
const TLS_HANDSHAKE = 0x16

/** One port for HTTP and HTTPS: each connection goes to the server that its first byte asks for. */
export function unifyPort({ plain, secure, firstByteTimeoutMs }: UnifyOptions): NetServer & Closing {
  const all = new Set<Socket>()
  const waiting = new Set<Socket>()
  // They watch the time that headers take from this event on, which otherwise comes when they listen themselves.
  for (const http of [plain, secure]) http.emit('listening')
  const server = createServer((socket) => {
    all.add(socket)
    waiting.add(socket)
    socket.setTimeout(firstByteTimeoutMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      all.delete(socket)
      waiting.delete(socket)
    })
    socket.once('data', (bytes: Buffer) => {
      waiting.delete(socket)
      socket.pause()
      socket.setTimeout(0)
      socket.removeAllListeners('timeout')
      socket.unshift(bytes)
      const chosen = bytes[0] === TLS_HANDSHAKE ? secure : plain
      chosen.emit('connection', socket)
      process.nextTick(() => socket.resume())
    })
  })
  return Object.assign(server, {
    closeIdleConnections: () => {
      for (const socket of waiting) socket.destroy()
      plain.closeIdleConnections()
      secure.closeIdleConnections()
    },
    closeAllConnections: () => {
      for (const socket of all) socket.destroy()
    },
  })
}

type Closing = Pick<HttpServer, 'closeIdleConnections' | 'closeAllConnections'>
