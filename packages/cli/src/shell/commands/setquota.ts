import { isError, type ZooKeeper } from '@meerkat/client'
import { ReservedPath } from '@meerkat/protocol'
import { refuse, refuseSecond } from '../arguments.ts'
import type { Arguments } from '../arguments.ts'
import type { ShellCommand, ShellContext } from '../command.ts'
import { wordAt } from '../command.ts'
import { ShellError } from '../errors.ts'
import { checkedPath } from '../path.ts'
import { countsPath, LIMITS_NODE, limitsPath, parseQuota, QUOTA_OPTIONS, quotaPath, quotaText } from '../quota.ts'
import type { Quota } from '../quota.ts'
import { subtree } from '../tree.ts'

export const setquota: ShellCommand = {
  name: 'setquota',
  usage: '-n|-b|-N|-B val path',
  summary: 'limit the znodes (-n, hard -N) or the bytes (-b, hard -B) of a znode and what is below it',
  options: Object.fromEntries(QUOTA_OPTIONS.map(([option, , text]) => [option, { text, takesValue: true }])),
  async run(shell, args) {
    const option = onlyOption(args)
    if (args.words.length < 1) throw new ShellError(`${setquota.name} ${setquota.usage}`)
    const path = wordAt(args, 0)
    if (path.startsWith(ReservedPath.quota)) {
      return shell.err(`cannot set a quota under the path: ${ReservedPath.quota}`)
    }
    const limit = limitOf(option, args.value(option) ?? '')
    if (typeof limit === 'string') return shell.err(limit)
    await setLimit(shell, checkedPath(path), limit)
  },
}

function onlyOption(args: Arguments): string {
  const [first, second] = args.given
  if (first === undefined) {
    const all = QUOTA_OPTIONS.map(([option, , text]) => `-${option} ${text}`).join(', ')
    refuse('MissingOptionException', `Missing required option: [${all}]`)
  }
  if (second !== undefined) refuseSecond(first, second)
  return first
}

/** The limit, or what is wrong with it. */
function limitOf(option: string, text: string): Quota | string {
  const key = QUOTA_OPTIONS.find(([name]) => name === option)?.[1] ?? 'count'
  const value = Number(text)
  if (!/^[-+]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
    return 'NumberFormatException happens when parsing the option value'
  }
  if (key.startsWith('count') && value <= 0) return 'the num quota must be greater than zero'
  if (value < 0) return 'the bytes quota must be greater than or equal to zero'
  return { [key]: value }
}

async function setLimit(shell: ShellContext, path: string, limit: Quota): Promise<void> {
  const { client } = shell
  if ((await client.exists(path)) === null) throw new ShellError(`${path} does not exist.`)
  await refuseQuotaBelow(client, path)
  await refuseQuotaAbove(client, path)
  for (const parent of ancestorsAndSelf(path)) await createIfMissing(client, quotaPath(parent))
  const isNew = await createIfMissing(client, limitsPath(path), quotaText({ ...NO_LIMITS, ...limit }))
  if (isNew) await createIfMissing(client, countsPath(path), quotaText({ count: 0, bytes: 0 }))
  const limits = { ...parseQuota((await client.getData(limitsPath(path))).data), ...limit }
  warnIfExceeded(shell, limits, parseQuota((await client.getData(countsPath(path))).data))
  if (!isNew) await client.setData(limitsPath(path), quotaText(limits))
}

const NO_LIMITS: Quota = { count: -1, bytes: -1, byteHardLimit: -1, countHardLimit: -1 }

/** `/a`, `/a/b`, ... down to the path itself. */
function ancestorsAndSelf(path: string): string[] {
  const names = path.split('/').slice(1)
  return names.map((_, i) => `/${names.slice(0, i + 1).join('/')}`)
}

/** Whether the znode was missing. */
async function createIfMissing(client: ZooKeeper, path: string, data: string | null = null): Promise<boolean> {
  try {
    await client.create(path, data)
    return true
  } catch (error) {
    if (isError(error, 'NODEEXISTS')) return false
    throw error
  }
}

/** Quotas do not nest: a znode below must not have one. */
async function refuseQuotaBelow(client: ZooKeeper, path: string): Promise<void> {
  if ((await client.exists(quotaPath(path))) === null) return
  const suffix = `/${LIMITS_NODE}`
  const below = (await subtree(client, quotaPath(path))).find(
    (found) => found.endsWith(suffix) && found !== limitsPath(path),
  )
  if (below === undefined) return
  const child = below.slice(ReservedPath.quota.length, -suffix.length)
  throw new ShellError(`${path} has a child ${child} which has a quota`)
}

async function refuseQuotaAbove(client: ZooKeeper, path: string): Promise<void> {
  for (const parent of ancestorsAndSelf(path).slice(0, -1)) {
    if ((await client.exists(limitsPath(parent))) !== null) {
      throw new ShellError(`${path} has a parent ${parent} which has a quota`)
    }
  }
}

function warnIfExceeded(shell: ShellContext, limits: Quota, used: Quota): void {
  const exceeds = (limit: number | undefined, value: number): boolean => (limit ?? -1) > -1 && (limit ?? 0) < value
  const { count = -1, bytes = -1 } = used
  if (exceeds(limits.count, count) || exceeds(limits.countHardLimit, count)) {
    shell.out(`[Warning]: the count quota you create is less than the existing count:${count}`)
  }
  if (exceeds(limits.bytes, bytes) || exceeds(limits.byteHardLimit, bytes)) {
    shell.out(`[Warning]: the bytes quota you create is less than the existing bytes:${bytes}`)
  }
}
