import { type Check, isCode, readFiles, type SourceFile } from './check.ts'

const LIMIT = 450

/** A file tells one story, and none needs more lines than this. */
export const length: Check = {
  name: 'length of files',
  find: (root) => findTooLong(readFiles(root, isCode)),
}

export function findTooLong(files: readonly SourceFile[]): string[] {
  return files
    .map(({ path, text }) => ({ path, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > LIMIT)
    .map(({ path, lines }) => `${path}: ${lines} lines, above ${LIMIT}: tell its stories in a file each`)
}
