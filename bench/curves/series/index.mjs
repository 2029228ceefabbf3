import batch from './batch.mjs';
import body from './body.mjs';
import datedRules from './dated-rules.mjs';
import devices from './devices.mjs';
import oddBody from './odd-body.mjs';
import ruleChange from './rule-change.mjs';
import rules from './rules.mjs';
import subscriptions from './subscriptions.mjs';
import users from './users.mjs';
import watchers from './watchers.mjs';

/** In the order in which they are run and shown. */
export const SERIES = [users, watchers, devices, rules, datedRules, ruleChange, body, oddBody, batch, subscriptions];
