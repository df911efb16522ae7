import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { MAX_WAITING, StreamDestination } from '../../src/logging/destination.ts'
import { FileDestination } from '../../src/logging/fileDestination.ts'

const describeDrops = (count: number): string => `lost ${count}\n`

/** A stream that takes nothing until it is told to. */
function stuckStream(): { stream: Writable; taken: () => string; release: () => void } {
  const chunks: Buffer[] = []
  let waiting: (() => void) | undefined
  let open = false
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk)
      if (open) done()
      else waiting = done
    },
  })
  return {
    stream,
    taken: () => Buffer.concat(chunks).toString(),
    release: () => {
      open = true
      waiting?.()
    },
  }
}

describe('a log on a stream', () => {
  it('writes the lines of one turn together, in order', async () => {
    const { stream, taken, release } = stuckStream()
    release()
    const destination = new StreamDestination(stream, describeDrops)
    destination.write('a\n')
    destination.write('b\n')
    await turn()
    assert.equal(taken(), 'a\nb\n')
    await destination.close()
  })

  it('holds a bounded amount while the reader stands still, and says later how many lines were lost', async () => {
    const { stream, taken, release } = stuckStream()
    const destination = new StreamDestination(stream, describeDrops)
    const line = `${'x'.repeat(1023)}\n`
    for (let number = 0; number < 3000; number++) {
      destination.write(line)
      if (number % 100 === 0) await turn()
    }
    assert.ok(stream.writableLength <= MAX_WAITING)
    assert.ok(destination.dropped >= 3000 - MAX_WAITING / 1024)
    release()
    await turn()
    await turn()
    destination.write('again\n')
    await destination.close()
    assert.ok(taken().endsWith(`lost ${destination.dropped}\nagain\n`))
  })

  it('goes on without a reader that has gone', async () => {
    const stream = new Writable({ write: (_, __, done) => done(new Error('EPIPE')) })
    const destination = new StreamDestination(stream, describeDrops)
    destination.write('a\n')
    await turn()
    await turn()
    destination.write('b\n')
    await destination.close()
    assert.equal(destination.dropped, 1)
  })
})

describe('a log in a file', () => {
  const inFolder = async (run: (folder: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'log-'))
    try {
      await run(folder)
    } finally {
      await rm(folder, { recursive: true })
    }
  }

  it('begins a new file at its size and keeps as many as it may', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'server.log')
      const onFailure = (error: Error): void => assert.fail(error)
      const destination = new FileDestination({ file, maxSizeBytes: 100, maxFiles: 3, onFailure }, describeDrops)
      for (let number = 0; number < 10; number++) {
        destination.write(`${String(number).repeat(39)}\n`)
        await turn()
        await turn()
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      await destination.close()
      assert.deepEqual((await readdir(folder)).toSorted(), ['server.log', 'server.log.1', 'server.log.2'])
      assert.match(await readFile(file, 'utf8'), /9{39}\n$/)
      for (const name of await readdir(folder)) assert.ok((await readFile(join(folder, name))).length <= 100)
    }))

  it('is continued by the next server', () =>
    inFolder(async (folder) => {
      const file = join(folder, 'server.log')
      const onFailure = (error: Error): void => assert.fail(error)
      for (const line of ['one\n', 'two\n']) {
        const destination = new FileDestination({ file, maxSizeBytes: 100, maxFiles: 1, onFailure }, describeDrops)
        destination.write(line)
        await destination.close()
      }
      assert.equal(await readFile(file, 'utf8'), 'one\ntwo\n')
    }))

  it(
    'says once that its disk is full, counts what is lost and goes on',
    { skip: process.platform !== 'linux' },
    async () => {
      const failures: string[] = []
      const onFailure = (error: Error): void => void failures.push(error.message)
      const options = { file: '/dev/full', maxSizeBytes: 100, maxFiles: 2, onFailure }
      const destination = new FileDestination(options, describeDrops)
      for (const line of ['one\n', 'two\n', 'three\n']) {
        destination.write(line)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      await destination.close()
      assert.equal(failures.length, 1)
      assert.match(failures[0] ?? '', /ENOSPC/)
      assert.ok(destination.dropped >= 3)
    },
  )

  it('says where it cannot be opened', () =>
    inFolder((folder) => {
      const file = join(folder, 'none', 'server.log')
      const options = { file, maxSizeBytes: 100, maxFiles: 1, onFailure: () => undefined }
      assert.throws(() => new FileDestination(options, describeDrops), /the log file .*server\.log cannot be opened/)
      return Promise.resolve()
    }))
})
