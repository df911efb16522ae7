import type { Bytes, Digest, LoggedTxn, SnapshotVisitor, Zxid } from '@meerkat/protocol'
import {
  beginLogRecord,
  bytesOf,
  decodeString,
  endLogRecord,
  NO_BYTES,
  NO_SESSION,
  Output,
  writeLoggedTxn,
  writeTreeEnd,
  zxidOf,
} from '@meerkat/protocol'
import type { RecoveryTarget } from '../src/recovery.ts'
import type { SnapshotSource } from '../src/snapshotFiles.ts'

/** A log record that sets the data of /a to `size` bytes. */
export function logRecord(zxid: number, size = 8): Bytes {
  const output = new Output()
  const start = beginLogRecord(output)
  writeLoggedTxn(output, {
    header: { sessionId: NO_SESSION, cxid: 0, zxid: zxidOf(zxid), time: 1, type: 5 },
    txn: { type: 5, path: '/a', data: bytesOf('y'.repeat(size)), version: 1 },
    digest: undefined,
  })
  endLogRecord(output, start)
  return output.written()
}

const DIGEST: Digest = { high: 1, low: 0xfffffff2 }

/** A snapshot of znodes with these paths and data, a few of them a slice. */
export function treeSource(znodes: ReadonlyMap<string, string>, lastZxid: Zxid = zxidOf(0)): SnapshotSource {
  const left = [...znodes]
  let begun = false
  return {
    writeSlice: (output) => {
      if (!begun) {
        output.int(0)
        output.int(0)
      }
      begun = true
      for (const [path, data] of left.splice(0, 3)) {
        output.string(path)
        output.buffer(bytesOf(data))
        output.number(-1)
        const stat = output.reserve(60)
        output.bytes.fill(0, stat, stat + 60)
      }
      if (left.length === 0) writeTreeEnd(output)
      return left.length > 0
    },
    tail: () => ({ lastZxid, digestZxid: lastZxid, digest: DIGEST, serializeLastZxid: true }),
  }
}

/** Keeps what it is told: the znodes of the snapshot, and the zxids and data of the transactions. */
export class RecordingTarget implements RecoveryTarget {
  znodes = new Map<string, string>()
  zxids: number[] = []
  loadedZxid: Zxid | undefined

  begin(): SnapshotVisitor {
    this.znodes = new Map()
    return {
      session: () => {},
      acl: () => {},
      znode: (bytes, _view, at) => {
        const data = at.dataStart < 0 ? NO_BYTES : bytes.subarray(at.dataStart, at.dataEnd)
        this.znodes.set(decodeString(bytes, at.pathStart, at.pathEnd), data.toString('latin1'))
      },
    }
  }

  loaded(zxid: Zxid): void {
    this.loadedZxid = zxid
  }

  replay({ header }: LoggedTxn): void {
    this.zxids.push(header.zxid)
  }

  source(): SnapshotSource {
    return treeSource(new Map([['', '']]))
  }
}
