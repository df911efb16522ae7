import type { ShellCommand } from '../command.ts'
import { misused } from '../command.ts'
import { packageVersion } from '../../version.ts'

export const version: ShellCommand = {
  name: 'version',
  usage: '',
  summary: 'print the version of this shell',
  run(shell, args) {
    if (args.words.length > 0) throw misused(version)
    shell.out(`ZooKeeper CLI version: Meerkat ${packageVersion()}`)
  },
}
