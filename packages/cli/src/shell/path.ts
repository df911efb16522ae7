/** The check of a path that Java's client makes before it asks a server, with its words (common.PathUtils). */
import { ShellError } from './errors.ts'

/** `path` if it is valid; a sequential znode's may end with a slash, since digits follow. */
export function checkedPath(path: string, isSequential = false): string {
  const problem = problemOf(isSequential ? `${path}1` : path)
  if (problem !== undefined) throw new ShellError(problem)
  return path
}

function problemOf(path: string): string | undefined {
  if (path.length === 0) return 'Path length must be > 0'
  if (!path.startsWith('/')) return 'Path must start with / character'
  if (path.length === 1) return undefined
  if (path.endsWith('/')) return 'Path must not end with / character'
  const reason = reasonOf(path)
  return reason === undefined ? undefined : `Invalid path string "${path}" caused by ${reason}`
}

/** What is wrong within a path, and at which character. */
function reasonOf(path: string): string | undefined {
  for (let i = 1; i < path.length; i++) {
    const unit = path.charCodeAt(i)
    const before = path.charAt(i - 1)
    const isLast = i + 1 === path.length || path.charAt(i + 1) === '/'
    if (unit === 0) return `null character not allowed @${i}`
    if (path.charAt(i) === '/' && before === '/') return `empty node name specified @${i}`
    if (path.charAt(i) === '.' && isLast && (before === '/' || (before === '.' && path.charAt(i - 2) === '/'))) {
      return `relative paths not allowed @${i}`
    }
    if (isForbidden(unit)) return `invalid character @${i}`
  }
  return undefined
}

function isForbidden(unit: number): boolean {
  return unit <= 0x1f || (unit >= 0x7f && unit <= 0x9f) || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0
}
