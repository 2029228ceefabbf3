import { readFileSync } from 'node:fs';

/** The texts of every setting, from services/runtime/settings.json: `{ name, shape, usual, about }`. */
export function readSettings() {
  return JSON.parse(readFileSync(new URL('../runtime/settings.json', import.meta.url), 'utf8'));
}

/** What `npm start -- --help` prints. */
export function helpText(settings) {
  const lines = [
    'npm start              install what is missing, build, and run Porchlight until Ctrl-C',
    'npm start -- --demo    the same with three made-up people and their phones, in ./data-demo',
    'npm start -- --help    this text',
    '',
    'Settings are environment variables, or lines NAME=value of a file .env in the working directory (see .env.example);',
    'where both speak, the environment wins. A wrong value is said in one line and ends the start with status 2.',
  ];
  for (const { name, shape, usual, about } of settings) {
    lines.push('', `  ${name}=${shape}`, `      ${about}`, `      Default: ${usual}.`);
  }
  return `${lines.join('\n')}\n`;
}

/** The text of .env.example: every setting, commented out, with what it means. */
export function envExample(settings) {
  const lines = [
    '# Settings of Porchlight. Copy this file to .env and take the # away where you want something else than the default.',
    '# What the environment says wins over this file. docs/configuration.md says the same at more leisure.',
  ];
  for (const { name, shape, usual, about } of settings) {
    lines.push('', `# ${about}`, `# Default: ${usual}.`, `#${name}=${shape}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The text of docs/configuration.md. */
export function configurationPage(settings) {
  const lines = [
    '# Configuration',
    '',
    '<!-- Written by `npm run docs:configuration` from services/runtime/settings.json; a test compares the two. -->',
    '',
    'Settings are environment variables. `npm start` and `npx porchlight` also read a file `.env` in the working directory',
    '(`NAME=value` a line, `#` begins a comment); where both speak, the environment wins. The SIP service, the portal and',
    'the command line read the same names, and all three must be given the same values. An empty value counts as none. A',
    'wrong value ends the start with one line that names the setting, and status 2.',
    '',
    '`.env.example` lists every setting, ready to be copied; `npm start -- --help` prints them.',
  ];
  for (const { name, shape, usual, about } of settings) {
    lines.push('', `## ${name}`, '', about, '', `- Form: \`${shape}\``, `- Default: ${usual}`);
  }
  return `${lines.join('\n')}\n`;
}
