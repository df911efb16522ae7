import { type Check, readFiles, type SourceFile } from './check.ts'

/** Lock files name packages by version and hash, and not the registry that they once came from. */
export const lockFiles: Check = {
  name: 'lock files',
  find: (root) => findRegistries(readFiles(root, (path) => /(^|\/)(package-lock|npm-shrinkwrap)\.json$/.test(path))),
}

export function findRegistries(files: readonly SourceFile[]): string[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((line, index) => {
      if (!/"resolved":\s*"(?:https?|git)/.test(line)) return []
      return [`${path}:${index + 1}: names a registry; .npmrc leaves these out, so run npm inside this repository`]
    }),
  )
}
