/** ACLs that clients give to znodes. */
import { Permission, type Acl } from '@meerkat/protocol'
import type { Chance } from '../world/chance.ts'
import { ANN, BOB, EVERYBODY } from './users.ts'

function world(perms: number): Acl {
  return { perms, id: { scheme: 'world', id: 'anyone' } }
}

function digest(perms: number, { digestId }: { readonly digestId: string }): Acl {
  return { perms, id: { scheme: 'digest', id: digestId } }
}

/** Whoever asks, by the names that the connection has proved; nobody else. */
const CREATOR_ALL: readonly Acl[] = [{ perms: Permission.all, id: { scheme: 'auth', id: '' } }]

/** An ACL that leaves somebody who may do everything, so that no run is stuck with what nobody can change any more. */
export function drawGoverned(chance: Chance): readonly Acl[] {
  const kind = chance.weighted({ open: 3, creator: 2, readable: 2, shared: 2 })
  switch (kind) {
    case 'open':
      return [world(Permission.all)]
    case 'creator':
      return CREATOR_ALL
    case 'readable':
      return [world(Permission.read), digest(Permission.all, chance.pick(EVERYBODY))]
    case 'shared':
      return [digest(Permission.all, ANN), digest(1 + chance.below(Permission.all), BOB)]
  }
}

/** The same, and those that nobody governs: they bar from a new znode, which whoever may delete below its parent removes. */
export function drawAcl(chance: Chance): readonly Acl[] {
  if (chance.happens(0.8)) return drawGoverned(chance)
  return [world(chance.pick([Permission.read, Permission.read | Permission.write, Permission.admin]))]
}
