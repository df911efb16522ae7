import { arch, hostname, homedir, release, tmpdir, type, userInfo } from 'node:os'
import { getHeapStatistics } from 'node:v8'

/**
 * What `envi` and the admin command `environment` tell of the process, under Apache's names and in its order. What is
 * Java's alone is `<NA>`, which is Apache's word for a value that is not there.
 */
export function environment(version: string): readonly (readonly [key: string, value: string])[] {
  const { heap_size_limit, total_heap_size, used_heap_size } = getHeapStatistics()
  return [
    ['zookeeper.version', version],
    ['host.name', hostname()],
    ['java.version', NOT_AVAILABLE],
    ['java.vendor', NOT_AVAILABLE],
    ['java.home', NOT_AVAILABLE],
    ['java.class.path', NOT_AVAILABLE],
    ['java.library.path', NOT_AVAILABLE],
    ['java.io.tmpdir', tmpdir()],
    ['java.compiler', NOT_AVAILABLE],
    ['node.version', process.version],
    ['os.name', type()],
    ['os.arch', arch()],
    ['os.version', release()],
    ['user.name', userName()],
    ['user.home', homedir()],
    ['user.dir', process.cwd()],
    ['os.memory.free', megabytes(total_heap_size - used_heap_size)],
    ['os.memory.max', megabytes(heap_size_limit)],
    ['os.memory.total', megabytes(total_heap_size)],
  ]
}

const NOT_AVAILABLE = '<NA>'

/** The user the server runs as; a container may run it as a number without a name. */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return String(process.getuid?.() ?? NOT_AVAILABLE)
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 2 ** 20)}MB`
}
