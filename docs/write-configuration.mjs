#!/usr/bin/env node
/** Writes docs/configuration.md and .env.example from services/runtime/settings.json: `npm run docs:configuration`. */
import { writeFileSync } from 'node:fs';
import { configurationPage, envExample, readSettings } from '../services/start/settings.mjs';

const settings = readSettings();
writeFileSync(new URL('./configuration.md', import.meta.url), configurationPage(settings));
writeFileSync(new URL('../.env.example', import.meta.url), envExample(settings));
