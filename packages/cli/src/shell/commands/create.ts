import { isError, OPEN_ACL, type CreateMode } from '@meerkat/client'
import { MAX_TTL_MS } from '@meerkat/protocol'
import { parseAcl } from '../acl.ts'
import type { Arguments } from '../arguments.ts'
import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { keeperErrorCode, ShellError } from '../errors.ts'
import { checkedPath } from '../path.ts'

export const create: ShellCommand = {
  name: 'create',
  usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
  summary: 'create a znode: sequential (-s), ephemeral (-e), a container (-c), with a time to live in ms (-t)',
  options: {
    e: { text: 'ephemeral' },
    s: { text: 'sequential' },
    c: { text: 'container' },
    t: { text: 'ttl', takesValue: true },
  },
  words: 1,
  async run(shell, args) {
    const { mode, ttlMs } = modeOf(args)
    const path = checkedPath(wordAt(args, 0), args.has('s'))
    try {
      const acl = args.words[2] === undefined ? OPEN_ACL : parseAcl(args.words[2], (problem) => shell.err(problem))
      const created = await shell.client.create(path, args.words[1] ?? null, { mode, acl, ttlMs })
      shell.err(`Created ${created}`)
    } catch (error) {
      if (isError(error, 'EPHEMERALONLOCALSESSION')) shell.err('Unable to create ephemeral node on a local session')
      if (isError(error, 'INVALIDACL')) shell.err(keeperErrorCode(error))
      throw error
    }
  },
}

function modeOf(args: Arguments): { mode: CreateMode; ttlMs: number } {
  const [e, s, c, t] = ['e', 's', 'c', 't'].map((name) => args.has(name))
  if (c && (e || s)) {
    throw new ShellError('-c cannot be combined with -s or -e. Containers cannot be ephemeral or sequential.')
  }
  const ttlMs = args.integer('t', 0, 'a long')
  if (t && e) throw new ShellError('TTLs cannot be used with Ephemeral znodes')
  if (t && c) throw new ShellError('TTLs cannot be used with Container znodes')
  if (t && (ttlMs <= 0 || ttlMs > MAX_TTL_MS)) {
    throw new ShellError(`ttl must be positive and cannot be larger than: ${MAX_TTL_MS}`)
  }
  if (e) return { mode: s ? 'ephemeralSequential' : 'ephemeral', ttlMs }
  if (c) return { mode: 'container', ttlMs }
  if (t) return { mode: s ? 'persistentSequentialWithTtl' : 'persistentWithTtl', ttlMs }
  return { mode: s ? 'persistentSequential' : 'persistent', ttlMs }
}
