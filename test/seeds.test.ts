/**
 * Past failures of the core as plans, each with what was wrong.
 *
 * A seed alone would change its meaning with the next fault or turn that a swarm may draw; a plan
 * keeps its faults. Run one by itself with `elock sim replay test/seeds/NAME.json --trace`.
 */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { explainFailure, loadPlan, runPlan } from '../sim/main.ts';

const DIRECTORY = fileURLToPath(new URL('./seeds/', import.meta.url));

/** By the name of its file: what the core did wrong. */
const MENDED: Readonly<Record<string, string>> = {
  'heir-by-late-word':
    "a keeper's late hand-over used one ballot twice, at an heir that is no voter",
  'claims-of-one-move': 'a lock that was taken along was claimed again under a second claim',
  'lost-session-elsewhere': "a home released a lost session's locks, though it lived elsewhere",
  'write-under-way': 'a session was resumed while a write of its lock was under way, which lost it',
  'session-over-or-lost': 'a session that was lost counted as over, and was not taken along',
  'session-at-another-home': 'a holder was asked for at a home that it had left',
  'forgotten-by-others': 'a voter kept for ever what all others had forgotten',
  'endless-duel': 'writers that outran one another never paused for longer',
  'held-by-nobody': 'a session on its way between homes was ended',
  'session-between-homes': "what was lost of a session stopped the session's own return",
  'home-heard-by-itself': 'a voter that heard itself as a home never let its lost sessions end',
  'resumed-without-its-lock': 'a stale keeper denied a session that moved to it the lock it held',
  'released-for-a-moved-session': 'a home released a late grant to a session that had left it',
  'dropped-below-a-rewrite':
    'a home dropped a chosen record, for that was written again at a minority under a higher ballot',
  'denied-by-a-stale-keeper': 'the same, with another mix of faults',
  'ballot-inherited-twice':
    'an heir that had handed a lock on inherited it again when its queue came late',
  'unknown-where-it-was-ended':
    'a home that was cut off said of a session that had moved that there was none',
  'reads-that-end-each-other':
    'two sessions that wanted one lock ended the reads of each other for ever',
  'forgotten-and-taken-for-new':
    'a home told a voter late of a session that had left it, and that all had forgotten since',
  'expired-and-handed-over':
    'a home that had slept handed over, as a blank one, a session that was expired and forgotten',
  'released-while-relied-on': 'clocks that had parted before hid a suspend from a home',
  'taken-over-and-lost-at-once':
    'a session was taken over by a voter that accepted over a new channel, and did not count',
  'carried-and-taken-for-chosen':
    'voters of a new epoch held what was chosen nowhere, and it was granted for that',
  'queue-after-the-last-word':
    'a queue that came after the word of every voter was lost, and those in it were overtaken',
  'withdrawn-and-granted':
    'a claim was granted though it was withdrawn, for its keeper had handed the queue on',
  'home-heard-again':
    'a keeper waited out a lease for a claim that was gone, though its home was back',
  'forgotten-lives-again':
    'a first record that came late, when all others had forgotten it, was written again',
  'behind-a-late-first-record':
    'what came behind a late first record was written again before it was ended',
  'unknown-where-it-left':
    'a home that had let a session go said that it did not know it, and it was taken for forgotten',
  'woke-to-write-again':
    'a home that had slept wrote a first record again that was expired and forgotten',
  'sent-again-when-forgotten':
    'a first record that was sent again was taken by voters that had forgotten the session',
  'refused-and-granted':
    'a wait was refused as its home was being cut off, and its claim was granted unheard',
  'unlocked-and-granted':
    'an unlock that ended a wait was answered before the claim was withdrawn, and it was granted',
  'below-a-fast-lock':
    'a home without a vote prepared below what was promised meanwhile, again and again',
  'answered-then-lost':
    'a peer counted on a voter that had answered and then lost its directory, and was doubted',
  'abandoned-without-a-quorum':
    'a home without a quorum did not know the session of a holder, could not end it, and said nothing',
  'ended-before-it-was-whole':
    'a home without a quorum had ended a session that it was taking over, and said that a claim lives',
  'left-by-a-lone-view':
    'a voter that held a lone expired read that the session lived, and left it at that',
  'over-where-nobody-was-asked':
    'a home that read that another had ended a session never asked that one',
  'kept-in-vain': 'a keeper without a vote did not hear that it was none any more, and kept on',
  'lease-waited-out-of-a-moved-session':
    'a keeper cut off waited out the lease of a session that had moved, and its queue was overtaken',
  'over-before-it-left':
    'a home said of claims that were over that they live, once it had let their session go',
  'few-know-the-first-record':
    'what few knew of a first record counted against a later record of the session: it was unknown',
  'let-go-of-while-handed-over':
    'a claim in a queue on its way to an heir was said to be released, and was granted to nobody',
  'ended-in-the-next-epoch':
    'a session whose take-over had failed was ended in the next epoch, within the lease of its home',
  'refused-for-a-former-home':
    'a voter refused an expired for a former home that lived, and nobody asked that home',
  'cut-short-by-a-move':
    'a home ended a session as it was being taken over, though its client still relied on it',
  'moved-unheard':
    'a home that had slept was told over a new channel that a voter holds another record, and granted',
  'merged-of-who-voted':
    'a voter waited for registers of those that vote no more, though others took part with theirs',
  'back-and-lost':
    'a home said of a session that had come back to it, and was lost, now that it has it, now that not',
  'granted-at-a-former-home':
    'a home that had not heard of a move was granted a lock by a keeper that had not either',
  'granted-before-confirmed':
    'a home was granted a lock before it heard, over new channels, that its session had moved',
  'released-by-the-next-life':
    'a peer that was restarted released a lock of its former life, whose client came back with it',
  'proof-after-proof':
    'a read that had proven a grant unchosen was taken once more when its time was over',
  'merged-grant-of-a-former-home':
    'a grant that one voter gave to a former home was merged, and written again in the next epoch',
  'grant-in-everybodys-way':
    'a grant that a voter refused was written again by one keeper after the other, in vain',
  'reattached-in-vain':
    'a home whose record of a move back was not chosen released what the home after it had taken along',
  'released-by-nobody':
    'a keeper whose grant was refused still took the queue for handed over, and answered no release',
  'queue-behind-its-lock':
    'a queue came when its lock had gone on and come back, and was dropped: those in it were passed by',
  'waits-for-what-waits':
    'of locks that were written again one at a time the first could not be, until one that waited was',
  'full-disk-noticed-late':
    'the simulator started nobody whose peer failed of a full disk after that had been emptied',
  'safe-for-no-time':
    'the history check took a lock that was said to be safe for no time at all for one that was safe at that moment',
  'left-for-good':
    'a home that had yielded a session never said that it had it no more, and voters that heard that home waited for it for ever',
  'queued-by-old-word':
    'a claim that paused took the late word of a keeper that it had left for its place in a queue',
  'refused-by-any-quorum':
    'a keeper refused a try, and reached a quorum, but not of those that would say who writes the lock',
  'taken-on-by-each-in-turn':
    'homes were told nothing while a grant could be neither proven nor written, and outran one another',
  'kept-unheard':
    'a keeper without a vote did not hear that it was none any more, and let claims wait for a holder',
  'refused-unheard':
    'a keeper without a vote did not hear that it was none any more, and refused a try',
  'absent-voter-counts':
    'a voter that was added had not merged before the next was, and with another lost nobody served',
  'missed-for-a-reader':
    'a record that one voter refused was never brought there, and the crash of another ended it',
  'waived-unheard':
    'a home had waived a session where few heard it, and nobody asked it again: the lock stayed held',
  'never-listed':
    'voters were asked for the locks of a session before they held it, and never again',
  'taken-for-nobody':
    'an attempt for which nobody waited any more took a session from its home, which was well',
  'slept-and-kept':
    'a keeper with a vote had slept while another freed its lock, which its own vote had missed',
  'back-and-cut-short':
    'a home ended a session that had come back, within what it had told the client before that',
};

describe('plan of a past failure', () => {
  const holds = (name: string): void => {
    const result = runPlan({ plan: loadPlan(`${DIRECTORY}${name}.json`) });
    expect(result.violations, explainFailure(result)).toEqual([]);
  };

  it.each(Object.entries(MENDED))('%s holds now, where %s', holds);

  it('has a file and a reason', () => {
    const names = readdirSync(DIRECTORY).map((file) => file.replace(/\.json$/, ''));
    expect(names.sort()).toEqual(Object.keys(MENDED).sort());
  });
});
