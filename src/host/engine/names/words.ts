/** 64 each, so that a byte picks without bias. */
export const ADJECTIVES = (
  'able amber apt azure bold brave brief bright brisk calm candid civil clear clever cosy crisp ' +
  'deft eager early easy even fair fleet fond fresh frank glad golden grand green hardy honest ' +
  'humble keen kind light lively loyal lucid mellow merry mild modest neat nimble noble plain proud ' +
  'quick quiet ready robust round sage sharp silver sleek smart snug solid spry steady sunny warm'
).split(' ');

/** Things that a harbour has. */
export const NOUNS = (
  'anchor awning barge barrel beacon berth boat bollard bow bridge buoy cabin canal capstan cargo chain ' +
  'chart cleat compass crane crate creek deck derrick dinghy dock ferry fleet flag galley gangway gull ' +
  'harbour hatch helm hull jetty keel ketch lantern ledger levee lighter lock mast mooring net oar ' +
  'paddle pallet pier pilot quay raft rigging rope rudder sail shore skiff sluice tide tiller wharf'
).split(' ');
