const SHOWN = 10;

/** Prints the slowest tests of a run: what grows is seen before it is long. */
export default class SlowestReporter {
  onRunComplete(_contexts, { testResults }) {
    const tests = testResults.flatMap(({ testFilePath, testResults: ran }) =>
      ran.map(({ fullName, duration }) => ({
        file: testFilePath.split(/[/\\]/).at(-1),
        fullName,
        seconds: (duration ?? 0) / 1000,
      })),
    );
    if (tests.length <= SHOWN) return;
    const slowest = tests.sort((one, other) => other.seconds - one.seconds).slice(0, SHOWN);
    console.log(['\nSlowest tests:', ...slowest.map(lineOf)].join('\n'));
  }
}

function lineOf({ file, fullName, seconds }) {
  return `${seconds.toFixed(1).padStart(6)} s  ${file}  ${fullName}`;
}
