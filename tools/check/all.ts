import type { Check } from './check.ts'
import { dependencies } from './dependencies.ts'
import { format } from './format.ts'
import { generatedFiles } from './generated.ts'
import { imports } from './imports.ts'
import { length } from './length.ts'
import { lint } from './lint.ts'
import { lockFiles } from './lock-files.ts'
import { machinePaths } from './machine-paths.ts'
import { types } from './types.ts'
import { unused } from './unused.ts'

/** Everything that is asked of the tree itself, in the order in which a person would want to hear of it. */
export const checks: readonly Check[] = [
  types,
  lint,
  format,
  unused,
  imports,
  generatedFiles,
  dependencies,
  length,
  machinePaths,
  lockFiles,
]
