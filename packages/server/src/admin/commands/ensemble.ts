/** Commands about the ensemble; a server that stands alone answers them as Apache's does. */
import { counterOf, epochOf, toHex } from '@meerkat/protocol'
import { reading } from './command.ts'
import type { Command } from './command.ts'

export const ensembleCommands = {
  leader: reading(['lead'], 'Whether this server leads, and who does.', ({ status }) => {
    const leader = status.ensemble?.leader()
    if (leader === undefined) return { error: 'server is not initialized' }
    return { is_leader: leader.isLeader, leader_id: leader.id, leader_ip: leader.address }
  }),
  observers: reading(['obsr'], 'The observers that follow this server.', ({ status }) => {
    const observers = status.ensemble?.observers() ?? []
    return { synced_observers: observers.length, observers }
  }),
  observer_connection_stat_reset: reading(['orst'], 'Resets the statistics of observers.', ({ status }) => {
    status.ensemble?.resetObserverStatistics()
    return {}
  }),
  voting_view: reading([], 'The voting servers.', ({ status }) => {
    const view = status.ensemble?.votingView() ?? {}
    return { current_config: Object.fromEntries(Object.entries(view).map(([id, member]) => [id, { ...member }])) }
  }),
  zabstate: reading([], 'State of this server in the protocol of the ensemble.', ({ status }) => {
    const zab = status.ensemble?.zabState()
    if (zab === undefined) return { voting: false, zabstate: '' }
    return {
      myid: zab.serverId,
      is_leader: zab.isLeader,
      quorum_address: zab.quorumAddress,
      election_address: zab.electionAddress,
      client_address: zab.clientAddress,
      voting: zab.voting,
      last_zxid: `0x${toHex(zab.lastZxid)}`,
      zab_epoch: epochOf(zab.lastZxid),
      zab_counter: counterOf(zab.lastZxid),
      zabstate: zab.state,
    }
  }),
} as const satisfies Record<string, Command>
