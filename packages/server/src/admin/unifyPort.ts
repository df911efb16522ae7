import process from 'node:process'
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
  const waiting = new Set<Socket>()
  const server = createServer((socket) => {
    waiting.add(socket)
    socket.setTimeout(firstByteTimeoutMs, () => socket.destroy())
    socket.on('error', () => socket.destroy())
    socket.once('close', () => waiting.delete(socket))
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
      for (const socket of waiting) socket.destroy()
      plain.closeAllConnections()
      secure.closeAllConnections()
    },
  })
}

type Closing = Pick<HttpServer, 'closeIdleConnections' | 'closeAllConnections'>
