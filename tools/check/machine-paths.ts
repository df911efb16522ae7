import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { type Check, readFiles, type SourceFile } from './check.ts'

/** No file names a folder of the machine it was written on. */
export const machinePaths: Check = {
  name: 'machine paths',
  find: (root) => findMachinePaths(readFiles(root, isText), pathsOfMachine(root)),
}

export function findMachinePaths(files: readonly SourceFile[], paths: readonly string[]): string[] {
  const faults: string[] = []
  for (const { path, text } of files) {
    for (const [index, line] of text.split('\n').entries()) {
      const found = paths.find((machinePath) => line.includes(machinePath)) ?? /\/(?:home|Users)\/\w+\//.exec(line)?.[0]
      if (found !== undefined) faults.push(`${path}:${index + 1}: names ${found}, a folder of one machine`)
    }
  }
  return faults
}

/** The checkout, what lies beside it, and the home folder, unless these are so short that they might be meant as znodes. */
function pathsOfMachine(root: string): string[] {
  const parent = dirname(root)
  const beside = parent === dirname(parent) ? [] : readdirSync(parent).map((name) => join(parent, name))
  return [...beside, homedir()].filter((path) => path.split(sep).length > 2)
}

function isText(path: string): boolean {
  return !/\.(bin|png|jar|p12|jks|gz|log\.\w+|snapshot\.\w+)$/.test(path)
}
