/**
 * The named scenarios, in the order in which they are listed.
 */
import type { Scenario } from '../scenario.ts';
import { threeToFiveToThree } from './3-to-5-to-3.ts';
import { amnesia } from './amnesia.ts';
import { blackout } from './blackout.ts';
import { bridge } from './bridge.ts';
import { chain } from './chain.ts';
import { cleanSplit } from './clean-split.ts';
import { deafPeer } from './deaf-peer.ts';
import { diskFull } from './disk-full.ts';
import { driftInside } from './drift-inside.ts';
import { driftOutside } from './drift-outside.ts';
import { eclipse } from './eclipse.ts';
import { evenSplit } from './even-split.ts';
import { flap } from './flap.ts';
import { gcPause } from './gc-pause.ts';
import { grantInFlight } from './grant-in-flight.ts';
import { grayLink } from './gray-link.ts';
import { herd } from './herd.ts';
import { isolateOne } from './isolate-one.ts';
import { joinStorm } from './join-storm.ts';
import { lapsedInQueue } from './lapsed-in-queue.ts';
import { lateWrite } from './late-write.ts';
import { majoritiesRing } from './majorities-ring.ts';
import { mutePeer } from './mute-peer.ts';
import { oldLetters } from './old-letters.ts';
import { reconfigureInCut } from './reconfigure-in-cut.ts';
import { redlockClockJump } from './redlock-clock-jump.ts';
import { removedPeerTalks } from './removed-peer-talks.ts';
import { replaceDeadVoter } from './replace-dead-voter.ts';
import { restoredOnce } from './restored-once.ts';
import { resumeAcrossCut } from './resume-across-cut.ts';
import { resumeAfterKill } from './resume-after-kill.ts';
import { resumeOnSlowDisks } from './resume-on-slow-disks.ts';
import { resumeRacesExpiry } from './resume-races-expiry.ts';
import { resumeRacesGraceRelease } from './resume-races-grace-release.ts';
import { resumeWhileWaiting } from './resume-while-waiting.ts';
import { staleVoterReturns } from './stale-voter-returns.ts';
import { stalledChange } from './stalled-change.ts';
import { stuckFsync } from './stuck-fsync.ts';
import { suspend } from './suspend.ts';
import { threeWay } from './three-way.ts';
import { twoMasters } from './two-masters.ts';
import { twoReconfigurers } from './two-reconfigurers.ts';
import { twoTakers } from './two-takers.ts';
import { wallclockBack } from './wallclock-back.ts';
import { zombieHome } from './zombie-home.ts';

/** All of them. */
export const SCENARIOS: readonly Scenario[] = [
  cleanSplit,
  isolateOne,
  evenSplit,
  threeWay,
  bridge,
  majoritiesRing,
  chain,
  deafPeer,
  mutePeer,
  flap,
  grayLink,
  gcPause,
  grantInFlight,
  redlockClockJump,
  amnesia,
  driftInside,
  driftOutside,
  wallclockBack,
  suspend,
  stuckFsync,
  lapsedInQueue,
  twoMasters,
  lateWrite,
  oldLetters,
  blackout,
  herd,
  diskFull,
  resumeAfterKill,
  resumeAcrossCut,
  zombieHome,
  twoTakers,
  resumeRacesExpiry,
  resumeRacesGraceRelease,
  resumeWhileWaiting,
  resumeOnSlowDisks,
  reconfigureInCut,
  replaceDeadVoter,
  twoReconfigurers,
  stalledChange,
  threeToFiveToThree,
  staleVoterReturns,
  restoredOnce,
  joinStorm,
  eclipse,
  removedPeerTalks,
];
