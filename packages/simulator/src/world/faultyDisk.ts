/**
 * A disk in memory with io's rules, and every freedom that they leave: calls take a while, names and bytes that were not
 * made durable go at a loss of power in any combination, writes fail part of the way when the disk is full or ill.
 */
import type { Disk, DiskFile, OpenMode } from '@meerkat/io'
import { copyOf, type Bytes } from '@meerkat/protocol'
import { dirname } from 'node:path'
import type { Chance } from './chance.ts'
import { Inode, type Change } from './inode.ts'
import type { Life } from './machine.ts'

type NameChange =
  | { readonly kind: 'link'; readonly path: string; readonly inode: Inode }
  | { readonly kind: 'unlink'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string; readonly inode: Inode }

export interface DiskFaults {
  /** There is no space for a byte more. */
  isFull: boolean
  /** How likely a write or a sync fails. */
  errorRate: number
  /** How long calls take, in milliseconds, times a number below 1 that is small most of the time. */
  slownessMs: number
}

/** What lies on the medium; processes see it through `seenBy`. */
export class FaultyDisk {
  readonly faults: DiskFaults = { isFull: false, errorRate: 0, slownessMs: 2 }
  /** Calls so far; a number at which something happens names a moment between two of them. */
  calls = 0
  onCall: (call: number) => void = () => {}
  private readonly names = new Map<string, Inode>()
  private readonly keptNames = new Map<string, Inode>()
  private nameChanges: NameChange[] = []
  /** What processes removed, as it is: for whoever looks at it when all is over. */
  private readonly removed = new Map<string, Inode>()
  readonly chance: Chance
  private readonly note: (text: string) => void

  constructor(chance: Chance, note: (text: string) => void = () => {}) {
    this.chance = chance
    this.note = note
  }

  /** The disk of one process: after its end, its calls do nothing and never return. */
  seenBy(life: Pick<Life, 'isOver' | 'after'>): Disk {
    return new DiskOfProcess(this, life)
  }

  killed(): void {
    for (const inode of this.inodes()) inode.killed(this.chance)
  }

  powerLost(): void {
    for (const inode of this.inodes()) inode.powerLost(this.chance)
    for (const change of this.nameChanges) if (this.chance.happens(0.5)) applyName(this.keptNames, change)
    this.nameChanges = []
    this.names.clear()
    for (const [path, inode] of this.keptNames) this.names.set(path, inode)
  }

  private inodes(): Set<Inode> {
    const changed = this.nameChanges.flatMap((change) => (change.kind === 'unlink' ? [] : [change.inode]))
    return new Set([...this.names.values(), ...this.keptNames.values(), ...changed])
  }

  find(path: string): Inode | undefined {
    return this.names.get(path)
  }

  paths(): string[] {
    return [...this.names.keys()].sort()
  }

  /** What had this name when a process removed it. */
  removedFiles(): ReadonlyMap<string, Inode> {
    return this.removed
  }

  putBack(path: string, inode: Inode): void {
    this.names.set(path, inode)
  }

  changeName(change: NameChange): void {
    if (change.kind === 'unlink') {
      const inode = this.names.get(change.path)
      if (inode !== undefined) this.removed.set(change.path, inode)
    }
    applyName(this.names, change)
    this.nameChanges.push(change)
  }

  /** What a sync of this directory that begins now will make durable. */
  changesIn(directory: string): NameChange[] {
    return this.nameChanges.filter(
      (change) => dirname(change.kind === 'rename' ? change.to : change.path) === directory,
    )
  }

  keepNames(changes: readonly NameChange[]): void {
    for (const change of changes) applyName(this.keptNames, change)
    this.nameChanges = this.nameChanges.filter((change) => !changes.includes(change))
  }

  delayMs(): number {
    return 0.01 + this.faults.slownessMs * this.chance.fraction() ** 8
  }

  /** Notes a call and says what fails it. */
  call(name: string, path: string, growth = 0): string | undefined {
    this.calls++
    this.note(`disk ${name} ${path} ${growth}`)
    this.onCall(this.calls)
    if (growth > 0 && this.faults.isFull) return 'ENOSPC'
    return this.chance.happens(this.faults.errorRate) ? 'EIO' : undefined
  }
}

function applyName(names: Map<string, Inode>, change: NameChange): void {
  switch (change.kind) {
    case 'link':
      names.set(change.path, change.inode)
      return
    case 'unlink':
      names.delete(change.path)
      return
    case 'rename':
      names.delete(change.from)
      names.set(change.to, change.inode)
  }
}

function failure(code: string, call: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${call} '${path}'`), { code })
}

/** A directory's own entry counts as a byte of growth. */
const ENTRY_BYTES = 1

class DiskOfProcess implements Disk {
  private readonly disk: FaultyDisk
  private readonly life: Pick<Life, 'isOver' | 'after'>

  constructor(disk: FaultyDisk, life: Pick<Life, 'isOver' | 'after'>) {
    this.disk = disk
    this.life = life
  }

  /** Does something after a while, if the process lives to see it. */
  private later<T>(action: () => T): Promise<T> {
    return new Promise<void>((resolve) => {
      if (!this.life.isOver) this.life.after(this.disk.delayMs(), resolve)
    }).then(action)
  }

  list(directory: string): Promise<string[]> {
    return this.later(() =>
      this.disk.paths().flatMap((path) => (dirname(path) === directory ? [path.slice(directory.length + 1)] : [])),
    )
  }

  size(path: string): Promise<number | undefined> {
    return this.later(() => this.disk.find(path)?.bytes.length)
  }

  read(path: string): Promise<Bytes | undefined> {
    return this.later(() => {
      const inode = this.disk.find(path)
      return inode === undefined ? undefined : copyOf(inode.bytes)
    })
  }

  open(path: string, mode: OpenMode): Promise<DiskFile> {
    return this.later(() => {
      const inode = mode === 'read' || mode === 'write' ? this.existing(path) : this.created(path)
      return new OpenFile(this.disk, this.life, { path, inode, isSynced: mode === 'createSynced' })
    })
  }

  private existing(path: string): Inode {
    const inode = this.disk.find(path)
    if (inode === undefined) throw failure('ENOENT', 'open', path)
    return inode
  }

  private created(path: string): Inode {
    const old = this.disk.find(path)
    const code = this.disk.call('create', path, old === undefined ? ENTRY_BYTES : 0)
    if (code !== undefined) throw failure(code, 'open', path)
    if (old !== undefined) {
      old.begin({ kind: 'truncate', length: 0, state: 'cached' })
      return old
    }
    const inode = new Inode()
    this.disk.changeName({ kind: 'link', path, inode })
    return inode
  }

  rename(from: string, to: string): Promise<void> {
    return this.later(() => {
      const code = this.disk.call('rename', to)
      if (code !== undefined) throw failure(code, 'rename', from)
      this.disk.changeName({ kind: 'rename', from, to, inode: this.existing(from) })
    })
  }

  remove(path: string): Promise<void> {
    return this.later(() => {
      const code = this.disk.call('remove', path)
      if (code !== undefined) throw failure(code, 'unlink', path)
      if (this.disk.find(path) !== undefined) this.disk.changeName({ kind: 'unlink', path })
    })
  }

  /** Directories need no making here: a path is a name. */
  makeDirectory(): Promise<void> {
    return this.later(() => undefined)
  }

  syncDirectory(path: string): Promise<void> {
    const changes = this.disk.changesIn(path)
    return this.later(() => {
      const code = this.disk.call('syncDirectory', path)
      if (code !== undefined) throw failure(code, 'fsync', path)
      this.disk.keepNames(changes)
    })
  }

  freeBytes(): Promise<number> {
    return this.later(() => (this.disk.faults.isFull ? 0 : 1e12))
  }
}

class OpenFile implements DiskFile {
  private readonly disk: FaultyDisk
  private readonly life: Pick<Life, 'isOver' | 'after'>
  private readonly path: string
  private readonly inode: Inode
  private readonly isSynced: boolean

  constructor(
    disk: FaultyDisk,
    life: Pick<Life, 'isOver' | 'after'>,
    { path, inode, isSynced }: { path: string; inode: Inode; isSynced: boolean },
  ) {
    this.disk = disk
    this.life = life
    this.path = path
    this.inode = inode
    this.isSynced = isSynced
  }

  private later<T>(action: () => T): Promise<T> {
    return new Promise<void>((resolve) => {
      if (!this.life.isOver) this.life.after(this.disk.delayMs(), resolve)
    }).then(action)
  }

  size(): Promise<number> {
    return this.later(() => this.inode.bytes.length)
  }

  read(target: Bytes, position: number): Promise<number> {
    return this.later(() => {
      const { bytes } = this.inode
      return position >= bytes.length ? 0 : bytes.copy(target, 0, position)
    })
  }

  /** Part of a write that fails is there, and nobody knows which. */
  write(bytes: Bytes, position: number): Promise<void> {
    if (this.life.isOver) return new Promise(() => {})
    const growth = Math.max(0, position + bytes.length - this.inode.bytes.length)
    const code = this.disk.call('write', this.path, bytes.length === 0 ? 0 : growth)
    const left = code === undefined ? bytes : bytes.subarray(0, this.disk.chance.below(bytes.length + 1))
    const change: Change & { kind: 'write' } = { kind: 'write', position, bytes: left, state: 'running' }
    this.inode.begin(change)
    return this.later(() => {
      // Whoever writes to this memory while it is being written spoils the file.
      change.bytes = copyOf(left)
      this.inode.settle(change, code === undefined ? this.written : 'lost track')
      if (code !== undefined) throw failure(code, 'write', this.path)
    })
  }

  private get written(): 'durable' | 'cached' {
    return this.isSynced ? 'durable' : 'cached'
  }

  sync(): Promise<void> {
    if (this.life.isOver) return new Promise(() => {})
    const code = this.disk.call('sync', this.path)
    const changes = this.inode.cached()
    return this.later(() => {
      for (const change of changes) this.inode.settle(change, code === undefined ? 'durable' : 'lost track')
      if (code !== undefined) throw failure(code, 'fsync', this.path)
    })
  }

  truncate(length: number): Promise<void> {
    if (this.life.isOver) return new Promise(() => {})
    const code = this.disk.call('truncate', this.path)
    const change: Change = { kind: 'truncate', length, state: 'running' }
    if (code === undefined) this.inode.begin(change)
    return this.later(() => {
      if (code !== undefined) throw failure(code, 'ftruncate', this.path)
      this.inode.settle(change, 'cached')
    })
  }

  close(): Promise<void> {
    return this.later(() => undefined)
  }
}
