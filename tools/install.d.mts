export type Plan = {
  reason: string
  /** Without the packages that only development takes. */
  production: boolean
}

export function planInstall(root: string, options: { production: boolean }): Plan | undefined
