// What a bundle of the command was made from, so that nobody runs one that is older than the sources. Plain JavaScript:
// it is read before TypeScript is, by meerkat.js, and by tools/bundle.mjs, which makes the bundle.
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** In the bundle's folder: a line for each file, with its change time in milliseconds, its size and its path. */
const INPUTS = 'inputs.txt'

/** `paths`: relative to the bundle's folder. */
export function noteInputs(folder, paths) {
  writeFileSync(join(folder, INPUTS), paths.map((path) => `${stateOf(folder, path)} ${path}`).join('\n'))
}

/** Whether there is a bundle, and every file that it was made from is as it was. */
export function isFresh(folder) {
  let inputs
  try {
    inputs = readFileSync(join(folder, INPUTS), 'utf8')
  } catch {
    return false
  }
  return inputs.split('\n').every((line) => {
    const [changed, size, ...path] = line.split(' ')
    return stateOf(folder, path.join(' ')) === `${changed} ${size}`
  })
}

function stateOf(folder, path) {
  const stat = statSync(join(folder, path), { throwIfNoEntry: false })
  return stat === undefined ? 'missing' : `${stat.mtimeMs} ${stat.size}`
}
