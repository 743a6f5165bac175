/**
 * Answers to attacks that nothing needs any more: taken out alone, they can hurt nobody.
 *
 * Found by taking them out and searching, then by argument. They stay in the core as a second line,
 * or because they are cheaper than what follows without them; a run without them that is clean
 * says nothing against the checkers.
 */

/** An answer, and what stands in for it. */
export interface Redundant {
  readonly rule: string;
  readonly answer: string;
  readonly because: string;
}

/** All that are known. */
export const REDUNDANT: readonly Redundant[] = [
  {
    rule: '2, R1',
    answer: 'an accept sent again is answered accepted again',
    because:
      'a writer that is refused what was chosen prepares, reads its own record and writes it again: a round more',
  },
  {
    rule: '2, R3',
    answer: "an heir's incarnation stands in the promise",
    because:
      'a later life prepares above all it reads of a quorum; unprepared it writes only on the word of a quorum of voters, each of which speaks once of a ballot, and its former life needed one, too',
  },
  {
    rule: '2, 16',
    answer: 'a voter that refused a grant to a former home takes it once it is known to be chosen',
    because:
      'what was chosen so stood at a voter before that listed, or it would have refused it: so the new home has it on its list, and takes the lock along under a claim of its own',
  },
  {
    rule: '2, 16',
    answer: 'a voter lets a grant be written again that it gave before the session left',
    because:
      'whoever finds it at a quorum need not write it, and the new home, on whose list it is, writes it under a claim of its own',
  },
  {
    rule: '2, 16',
    answer: 'a move with as high an attachment as the claim has is one away from it, too',
    because:
      'a home takes no command for a claim before its attachment is chosen, and a later move is written above what a quorum holds: as high is one that failed',
  },
  {
    rule: '3, R17',
    answer: 'a home drops what a lone voter holds, if the answers prove it unchosen',
    because:
      'a lone expired cannot arise while a home is valid (R25), and a lone take-over is followed, or taken back, with its locks',
  },
  {
    rule: '3, R26',
    answer: 'a prepare is never sent twice, and a refusal counts only for its request',
    because:
      'no ballot is prepared once it was used; a write given up in error is found by the next read, and grants whomever it names (R27)',
  },
  {
    rule: '5, R4',
    answer: 'only the life that made a session writes its first record unprepared',
    because: 'ids carry 128 random bits: no later life makes the same, and a taken one is prepared',
  },
  {
    rule: '7',
    answer: 'an unknown name is free at the highest floor of a quorum',
    because:
      'only what every voter holds is forgotten (R6), so that each floor of a voter without the name is high enough',
  },
  {
    rule: '7, R7',
    answer: "the floor's promise is above that of every peer",
    because: 'who has the promise lets go of it before the name is forgotten anywhere',
  },
  {
    rule: '12, R18',
    answer: "the larger lease of the voter's record and the writer's counts",
    because:
      'a home counts on a longer time-out only once a quorum holds it, and every reader meets that quorum',
  },
  {
    rule: '12, R22',
    answer: 'a home that itself asks is known by its incarnation, too',
    because: 'while a later life asks, the former one is dead',
  },
  {
    rule: '18, R5',
    answer: 'the promise of a register that is carried over is lifted to the new epoch',
    because:
      "only a session's first record is written unprepared, once, in the epoch in which its id was made: no voter knows it from before",
  },
  {
    rule: '19',
    answer: 'answers of an epoch before are not counted',
    because:
      'whoever wanted a write begins it anew in each epoch, under a ballot of that epoch, and hears of no write of his of another',
  },
  {
    rule: '19',
    answer: 'what comes of a later epoch is kept, and not handled, until that is known here',
    because:
      'a voter that begins to take part says so and is asked anew, claims are asked again, and ballots name their epoch: it saves time',
  },
  {
    rule: '15',
    answer: "a session's record is chosen before any lock names it",
    because: 'a session is not valid before, so that its client is told of no moment of safety',
  },
  {
    rule: '16',
    answer: 'a home that is asked for a detached session lets go of it',
    because:
      'each voter tells it of the move before any later alive, and it lets go then; until that its client, who has left, is told of nothing',
  },
  {
    rule: '16',
    answer: 'a session that is being ended for its time-out is refused to others',
    because:
      'its client was away for all of that time-out, and relies on nothing; whether it was taken or ended first, the voters decide',
  },
  {
    rule: '16',
    answer: 'a second client that asks one home for a session on its way there is refused',
    because:
      'let in, it takes the place of the first, which is refused instead: one has the session',
  },
];
