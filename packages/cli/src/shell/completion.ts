/** What the tab key offers: commands, and the paths of znodes. */
import { COMMANDS } from './table.ts'

/** The completions of the last word of `line`, and the part of the line that they replace. */
export async function completionsOf(
  line: string,
  childrenOf: (path: string) => Promise<readonly string[]>,
): Promise<[completions: string[], replaced: string]> {
  const word = line.slice(line.lastIndexOf(' ') + 1)
  if (word.startsWith('/')) return [await pathsFrom(word, childrenOf), word]
  const commands = COMMANDS.map(({ name }) => name).filter((name) => name.startsWith(word))
  // The only one is whole: what follows is another word. A path may go on.
  return [commands.length === 1 ? [`${commands[0]} `] : commands, word]
}

async function pathsFrom(word: string, childrenOf: (path: string) => Promise<readonly string[]>): Promise<string[]> {
  const directory = word.slice(0, word.lastIndexOf('/') + 1)
  const parent = directory === '/' ? '/' : directory.slice(0, -1)
  const paths = (await childrenOf(parent)).map((child) => directory + child)
  return paths.filter((path) => path.startsWith(word)).sort()
}
