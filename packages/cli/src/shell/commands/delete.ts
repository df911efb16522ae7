import type { ShellCommand } from '../command.ts'
import { wordAt } from '../command.ts'
import { ShellError } from '../errors.ts'
import { checkedPath } from '../path.ts'

export const deleteCommand: ShellCommand = {
  name: 'delete',
  usage: '[-v version] path',
  summary: 'delete a znode that has no children',
  options: { v: { text: 'version', takesValue: true } },
  words: 1,
  async run(shell, args) {
    if (args.words.length > 1) {
      shell.err("'delete path [version]' has been deprecated. Please use 'delete [-v version] path' instead.")
    }
    await shell.client.delete(checkedPath(wordAt(args, 0)), args.integer('v', versionWord(args.words[1])))
  },
}

/** The version as a word of its own, the form of older versions. */
function versionWord(word = '-1'): number {
  const version = Number(word)
  if (!Number.isInteger(version)) throw new ShellError(`version must be an int value: ${word}`)
  return version
}
