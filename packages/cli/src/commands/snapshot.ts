/** `meerkat snapshot FILE`: prints a snapshot of either server (as Apache's SnapshotFormatter does) and checks it. */
import { basename } from 'node:path'
import { readSnapshot, systemDisk } from '@meerkat/io'
import { SnapshotError, toHex, type Acl, type SessionId, type SnapshotTail } from '@meerkat/protocol'
import { isUnreadable, type FileReport, type PrinterOptions } from '../files/report.ts'
import { hex32 } from '../files/txnFormat.ts'
import { readZnode, znodeJson, znodeLines } from '../files/znodeFormat.ts'

/** Reads the file to its end or to the first damage. What was printed before the damage may be wrong itself. */
export async function printSnapshot(path: string, options: PrinterOptions): Promise<FileReport> {
  const printer = new SnapshotPrinter(options)
  try {
    printer.end(await readSnapshot({ disk: systemDisk, path, visitor: printer }))
    return { kind: 'sound', what: `${printer.znodes} znodes, ${printer.sessions.length} sessions` }
  } catch (error) {
    if (isUnreadable(error)) throw error
    const offset = error instanceof SnapshotError ? error.offset : 0
    const problem = error instanceof SnapshotError ? error.message : `${basename(path)}: ${(error as Error).message}`
    return { kind: 'damaged', offset, problem, what: `${printer.znodes} znodes before it` }
  }
}

class SnapshotPrinter {
  znodes = 0
  readonly sessions: { readonly id: SessionId; readonly timeoutMs: number }[] = []
  private readonly options: PrinterOptions
  private readonly acls = new Map<number, readonly Acl[]>()
  private readonly ephemerals = new Map<bigint, number>()

  constructor(options: PrinterOptions) {
    this.options = options
  }

  session(id: SessionId, timeoutMs: number): void {
    this.sessions.push({ id, timeoutMs })
  }

  acl(id: number, acl: Acl[]): void {
    this.acls.set(id, acl)
  }

  znode(...znode: Parameters<typeof readZnode>): void {
    this.znodes++
    const { json, check, data } = this.options
    const read = readZnode(...znode)
    const owner = read.stat.ephemeralOwner
    if (owner !== 0n) this.ephemerals.set(owner, (this.ephemerals.get(owner) ?? 0) + 1)
    if (check) return
    if (this.znodes === 1) this.text('ZNode Details:')
    this.options.out(
      json ? JSON.stringify(znodeJson(read, this.acls.get(read.aclId), data)) : `----\n${znodeLines(read, data)}`,
    )
  }

  /** Sessions are printed last, as by Apache's formatter: only then are their ephemerals counted. */
  end(tail: SnapshotTail): void {
    const { json, check, out } = this.options
    this.text('----\nSession Details (sid, timeout, ephemeralCount):')
    for (const { id, timeoutMs } of check ? [] : this.sessions) {
      const ephemerals = this.ephemerals.get(id) ?? 0
      const session = `0x${toHex(id)}`
      out(json ? JSON.stringify({ session, timeoutMs, ephemerals }) : `${session}, ${timeoutMs}, ${ephemerals}`)
    }
    const { lastZxid, digestZxid, digest } = tail
    if (digest !== undefined && digestZxid !== undefined) {
      const value = `${hex32(digest.high)}${hex32(digest.low)}`
      this.text(`----\nTarget zxid digest is: ${toHex(digestZxid)}, 0x${value}`)
      if (json && !check) out(JSON.stringify({ digestZxid: `0x${toHex(digestZxid)}`, digest: `0x${value}` }))
    }
    if (lastZxid === undefined) return
    this.text(`----\nLast zxid: 0x${toHex(lastZxid)}`)
    if (json && !check) out(JSON.stringify({ lastZxid: `0x${toHex(lastZxid)}` }))
  }

  private text(line: string): void {
    if (!this.options.json && !this.options.check) this.options.out(line)
  }
}
