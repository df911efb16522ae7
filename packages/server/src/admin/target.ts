import type { IncomingMessage } from 'node:http'

/** The path and the query of a request; a path with invalid percent signs is taken as it is written. */
export function targetOf(request: IncomingMessage): { readonly path: string; readonly query: URLSearchParams } {
  const [path = '/', ...query] = (request.url ?? '/').split('?')
  return { path: decoded(path), query: new URLSearchParams(query.join('?')) }
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
