/**
 * The page's script, epochs: who votes, and where each peer learns of an epoch and takes part.
 *
 * A label keeps clear of the next one of its lane: of many changes in a row the last is named.
 */

/** Defines `isVoter`, `epochLabels`, `drawEpochs`, `epochAt` and `epochWords`. */
export const EPOCHS_SCRIPT = `
const EPOCH_FONT = '600 10px system-ui, sans-serif';

/** At the moment of the cursor; before the first change the first machines are the voters. */
function isVoter(lane) {
  const time = data.events[cursor.event]?.[0] ?? view.from;
  const last = data.epochs.findLast((row) => row[0] === lane && row[1] <= time);
  return last ? last[3] === 1 : lane < data.plan.voters;
}

const isInView = ([, at]) => x(at) >= GUTTER && x(at) <= width;
const epochColor = ([, , , votes]) => (votes ? colors.accent : colors.muted);

/** What is written at the marks, and where. */
function epochLabels() {
  context.font = EPOCH_FONT;
  const learned = data.epochs.filter((row) => row[4] === 0 && isInView(row));
  return learned.flatMap((row, index) => {
    const [lane, at, epoch] = row;
    const words = 'e' + epoch;
    const room = context.measureText(words).width;
    const next = learned.find((other, later) => later > index && other[0] === lane);
    if (next && x(next[1]) - x(at) < room + 6) return [];
    const right = x(at) + 3;
    const px = right + room > width - 2 ? right - room - 8 : right;
    return [{ px: px - 5, py: layout.lanes[lane].top + 8, room, words, color: epochColor(row) }];
  });
}

/** Where a peer learns of an epoch a dashed mark, where it takes part in it a full one. */
function drawEpochs(labels) {
  for (const row of data.epochs.filter(isInView)) {
    const [lane, at, , , serves] = row;
    const { top, height } = layout.lanes[lane];
    vertical(at, top + 2, top + height - 2, epochColor(row), serves ? 2 : 1, serves ? [] : [2, 2]);
  }
  for (const { px, py, room, words, color } of labels) {
    context.fillStyle = colors.paper;
    context.fillRect(px + 4, py - 6, room + 3, 12);
    write(words, px + 5, py, color, 'left', EPOCH_FONT);
  }
}

/** The mark under the pointer; null: none. */
function epochAt(px, py) {
  const lane = laneAt(py);
  const near = data.epochs.filter((row) => row[0] === lane && Math.abs(x(row[1]) - px) <= 4);
  return near.sort((a, b) => Math.abs(x(a[1]) - px) - Math.abs(x(b[1]) - px))[0] ?? null;
}

function epochWords([lane, at, epoch, votes, serves]) {
  const does = serves ? ' takes part in epoch ' : ' learns of epoch ';
  const how = votes ? ', as a voter' : ', where it does not vote';
  return data.lanes[lane] + does + epoch + how + '\\nat ' + seconds(at) + ' s';
}
`;
