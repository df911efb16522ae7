import { readFile } from 'node:fs/promises'
import type { Arguments } from '../arguments.ts'
import type { ShellCommand } from '../command.ts'
import { misused } from '../command.ts'
import { ShellError } from '../errors.ts'
import { statLines } from '../format.ts'

export const reconfig: ShellCommand = {
  name: 'reconfig',
  usage:
    '[-s] [-v version] [[-file path] | [-members serverID=host:port1:port2;port3[,...]*]] | ' +
    '[-add serverId=host:port1:port2;port3[,...]]* [-remove serverId[,...]*]',
  summary: 'change the members of the ensemble',
  options: {
    s: { text: 'stats' },
    v: { text: 'required current config version', takesValue: true },
    file: { text: 'path of config file to parse for membership', takesValue: true },
    members: { text: 'comma-separated list of config strings for non-incremental reconfig', takesValue: true },
    add: { text: 'comma-separated list of config strings for new servers', takesValue: true },
    remove: { text: 'comma-separated list of server IDs to remove', takesValue: true },
  },
  async run(shell, args) {
    const isWhole = args.has('file') || args.has('members')
    const isStep = args.has('add') || args.has('remove')
    if (!isWhole && !isStep) throw misused(reconfig)
    if (isWhole && isStep) {
      throw new ShellError(
        "Can't use -file or -members together with -add or -remove (mixing incremental and non-incremental modes " +
          'is not allowed)',
      )
    }
    if (args.has('file') && args.has('members')) {
      throw new ShellError("Can't use -file and -members together (conflicting non-incremental modes)")
    }
    const { data, stat } = await shell.client.reconfig(await changeOf(args))
    shell.out(`Committed new configuration:\n${data?.toString() ?? ''}`)
    if (args.has('s')) shell.out(statLines(stat))
  },
}

async function changeOf(args: Arguments): Promise<{
  joining?: string
  leaving?: string
  members?: string
  fromConfig?: number
}> {
  const [joining, leaving, listed] = ['add', 'remove', 'members'].map((name) => args.value(name)?.toLowerCase())
  const file = args.value('file')
  const members = file === undefined ? listed : await membersIn(file)
  const version = args.value('v')
  return {
    ...(joining === undefined ? {} : { joining }),
    ...(leaving === undefined ? {} : { leaving }),
    ...(members === undefined ? {} : { members }),
    ...(version === undefined ? {} : { fromConfig: configVersion(version) }),
  }
}

/** A version is written in hexadecimal, as in the configuration itself. */
function configVersion(text: string): number {
  if (!/^-?[0-9a-f]+$/i.test(text)) throw new ShellError('-v must be followed by a long (configuration version)')
  return Number.parseInt(text, 16)
}

/** The servers, groups and weights of a dynamic configuration file. */
async function membersIn(file: string): Promise<string> {
  try {
    const lines = (await readFile(file, 'utf8')).split('\n').map((line) => line.trim())
    return lines.filter((line) => /^(server|group|weight)\./.test(line)).join('\n')
  } catch (error) {
    throw new ShellError(`Error processing ${file}: ${(error as Error).message}`)
  }
}
