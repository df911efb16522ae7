/** The rules of paths (org.apache.zookeeper.common.PathUtils). */

/** Why `path` is not valid, or undefined if it is. */
export function pathProblem(path: string): string | undefined {
  if (path.length === 0) return 'path is empty'
  if (path.charCodeAt(0) !== SLASH) return 'path does not start with /'
  if (path.length === 1) return undefined
  if (path.charCodeAt(path.length - 1) === SLASH) return 'path ends with /'
  let start = 1
  for (let i = 1; i <= path.length; i++) {
    const unit = i === path.length ? SLASH : path.charCodeAt(i)
    if (unit === SLASH) {
      const problem = nameProblem(path, start, i)
      if (problem !== undefined) return problem
      start = i + 1
    } else if (isForbidden(unit)) {
      return `character U+${unit.toString(16).padStart(4, '0')} at ${i} is not allowed in a path`
    }
  }
  return undefined
}

const SLASH = 0x2f
const DOT = 0x2e

function nameProblem(path: string, start: number, end: number): string | undefined {
  if (end === start) return `empty name at ${start}`
  if (path.charCodeAt(start) !== DOT) return undefined
  if (end - start === 1 || (end - start === 2 && path.charCodeAt(start + 1) === DOT)) {
    return `relative name at ${start}`
  }
  return undefined
}

function isForbidden(unit: number): boolean {
  if (unit >= 0x20 && unit < 0x7f) return false
  return unit < 0x20 || unit <= 0x9f || (unit >= 0xd800 && unit <= 0xf8ff) || unit >= 0xfff0
}

/** The parent of a path: `/a/b` -> `/a`, `/a` -> `/`; undefined if there is none. */
export function parentOf(path: string): string | undefined {
  const slash = path.lastIndexOf('/')
  if (slash < 0 || path.length === 1) return undefined
  return slash === 0 ? '/' : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path of `name` under `parent`. */
export function childOf(parent: string, name: string): string {
  return parent === '/' ? `/${name}` : `${parent}/${name}`
}

/** The suffix of a sequential znode: Java's `%010d` of a signed 32-bit number. */
export function sequenceSuffix(sequence: number): string {
  const digits = String(Math.abs(sequence))
  return sequence < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0')
}

export const ReservedPath = {
  zookeeper: '/zookeeper',
  quota: '/zookeeper/quota',
  config: '/zookeeper/config',
} as const
