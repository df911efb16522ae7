import { allocate, copyOf, NO_BYTES, type Bytes } from '@meerkat/protocol'
import type { Disk, DiskFile, OpenMode } from '../src/disk.ts'

/** How much of what was not durable a crash leaves: nothing, the first half of each file's new bytes, or all. */
export type CrashKind = 'lost' | 'torn' | 'kept'

class Content {
  now: Bytes = NO_BYTES
  durable: Bytes = NO_BYTES
}

/**
 * A disk in memory that counts its operations and fails from a given one on: then `crashed` shows what the next process
 * finds. `fault` may instead fail single operations, and the disk goes on.
 */
export class CrashDisk implements Disk {
  operations = 0
  failFrom = Number.POSITIVE_INFINITY
  fault: (operation: string, path: string) => string | undefined = () => undefined
  private names = new Map<string, Content>()
  private durableNames = new Map<string, Content>()
  private readonly directories = new Set<string>()

  /** Throws if this operation fails. */
  step(operation: string, path: string): void {
    this.operations += 1
    const code = this.operations > this.failFrom ? 'EIO' : this.fault(operation, path)
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${operation} '${path}'`), { code })
  }

  crashed(kind: CrashKind): CrashDisk {
    const next = new CrashDisk()
    for (const [path, content] of kind === 'kept' ? this.names : this.durableNames) {
      const found = new Content()
      found.now = found.durable = left(content, kind)
      next.names.set(path, found)
    }
    next.durableNames = new Map(next.names)
    for (const directory of this.directories) next.directories.add(directory)
    return next
  }

  async list(directory: string): Promise<string[]> {
    const prefix = `${directory}/`
    const rest = [...this.names.keys()]
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length))
    return rest.filter((name) => !name.includes('/'))
  }

  async size(path: string): Promise<number | undefined> {
    return this.names.get(path)?.now.length
  }

  async read(path: string): Promise<Bytes | undefined> {
    const content = this.names.get(path)
    return content === undefined ? undefined : copyOf(content.now)
  }

  async open(path: string, mode: OpenMode): Promise<DiskFile> {
    this.step(`open ${mode}`, path)
    const old = this.names.get(path)
    if (mode === 'read' || mode === 'write') {
      if (old === undefined) throw Object.assign(new Error(`ENOENT: '${path}'`), { code: 'ENOENT' })
      return new CrashFile(this, path, old, false)
    }
    const content = old ?? new Content()
    content.now = NO_BYTES
    this.names.set(path, content)
    return new CrashFile(this, path, content, mode === 'createSynced')
  }

  async rename(from: string, to: string): Promise<void> {
    this.step('rename', to)
    const content = this.names.get(from)
    if (content === undefined) throw Object.assign(new Error(`ENOENT: '${from}'`), { code: 'ENOENT' })
    this.names.delete(from)
    this.names.set(to, content)
  }

  async remove(path: string): Promise<void> {
    this.step('remove', path)
    this.names.delete(path)
  }

  async makeDirectory(path: string): Promise<void> {
    this.directories.add(path)
  }

  async syncDirectory(path: string): Promise<void> {
    this.step('syncDirectory', path)
    const isIn = ([name]: [string, Content]): boolean => name.slice(0, name.lastIndexOf('/')) === path
    const others = [...this.durableNames].filter((entry) => !isIn(entry))
    this.durableNames = new Map([...others, ...[...this.names].filter(isIn)])
  }

  async freeBytes(): Promise<number> {
    return 1e12
  }
}

function left({ now, durable }: Content, kind: CrashKind): Bytes {
  if (kind === 'kept') return copyOf(now)
  if (kind === 'lost' || now.length <= durable.length) return copyOf(durable)
  let from = 0
  while (from < durable.length && now[from] === durable[from]) from += 1
  return copyOf(now.subarray(0, from + Math.floor((now.length - from) / 2)))
}

class CrashFile implements DiskFile {
  private readonly disk: CrashDisk
  private readonly path: string
  private readonly content: Content
  private readonly synced: boolean

  constructor(disk: CrashDisk, path: string, content: Content, synced: boolean) {
    this.disk = disk
    this.path = path
    this.content = content
    this.synced = synced
  }

  async size(): Promise<number> {
    return this.content.now.length
  }

  async read(target: Bytes, position: number): Promise<number> {
    return this.content.now.copy(target, 0, Math.min(position, this.content.now.length))
  }

  async write(bytes: Bytes, position: number): Promise<void> {
    const { now } = this.content
    if (bytes.length > 0) {
      const grown = allocate(Math.max(now.length, position + bytes.length)).fill(0)
      grown.set(now)
      grown.set(bytes, position)
      this.content.now = grown
    }
    // The bytes may be there although the write fails.
    this.disk.step('write', this.path)
    if (this.synced) this.content.durable = this.content.now
  }

  async sync(): Promise<void> {
    this.disk.step('sync', this.path)
    this.content.durable = this.content.now
  }

  async truncate(length: number): Promise<void> {
    this.disk.step('truncate', this.path)
    const next = allocate(length).fill(0)
    this.content.now.copy(next, 0, 0, Math.min(length, this.content.now.length))
    this.content.now = next
  }

  async close(): Promise<void> {}
}
