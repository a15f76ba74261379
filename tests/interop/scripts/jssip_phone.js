// A JsSIP phone without a browser: commands come in as lines of JSON, events go out as lines of JSON.
// Its media is played by a stub with a fixed description: nothing is sent or heard.
'use strict';

const [modules, url, uri, password] = process.argv.slice(2);
const readline = require('readline');

const DESCRIPTION = [
  'v=0', 'o=jssip 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0',
  'm=audio 9 RTP/AVP 0 101', 'a=rtpmap:0 PCMU/8000', 'a=rtpmap:101 telephone-event/8000',
  'a=fmtp:101 0-15', 'a=sendrecv', '',
].join('\r\n');

class RTCPeerConnection {
  constructor() {
    this.iceGatheringState = 'complete';
    this.iceConnectionState = 'connected';
    this.signalingState = 'stable';
    this.localDescription = null;
  }
  addEventListener() {}
  removeEventListener() {}
  addTrack() {}
  getSenders() { return []; }
  getReceivers() { return []; }
  async createOffer() { return { type: 'offer', sdp: DESCRIPTION }; }
  async createAnswer() { return { type: 'answer', sdp: DESCRIPTION }; }
  async setLocalDescription(description) { this.localDescription = description; }
  async setRemoteDescription(description) { this.remoteDescription = description; }
  close() { this.signalingState = 'closed'; }
}

global.window = global;
global.RTCPeerConnection = RTCPeerConnection;
global.RTCSessionDescription = class { constructor(init) { Object.assign(this, init); } };
global.WebSocket = require(`${modules}/ws`);
const JsSIP = require(`${modules}/jssip`);

const say = (event, values = {}) => console.log(JSON.stringify({ event, ...values }));
const silent = { mediaConstraints: { audio: false, video: false } };
let session = null;

const phone = new JsSIP.UA({
  sockets: [new JsSIP.WebSocketInterface(url)],
  uri,
  password,
  register: false,
  register_expires: 120,
  session_timers: false,
});

function follow(found, originator) {
  session = found;
  say('session', { originator, remote: String(found.remote_identity.uri) });
  found.on('progress', () => say('progress'));
  found.on('accepted', () => say('accepted'));
  found.on('confirmed', () => say('confirmed'));
  found.on('ended', (e) => say('ended', { originator: e.originator, cause: e.cause }));
  found.on('failed', (e) => say('failed', { originator: e.originator, cause: e.cause }));
}

phone.on('connected', () => say('connected'));
phone.on('disconnected', () => say('disconnected'));
phone.on('registered', (e) => say('registered', { status: e.response.status_code }));
phone.on('unregistered', () => say('unregistered'));
phone.on('registrationFailed', (e) => say('registrationFailed', {
  status: e.response ? e.response.status_code : 0, cause: e.cause,
}));
phone.on('newRTCSession', (e) => {
  follow(e.session, e.originator);
});

const commands = {
  register: () => phone.register(),
  unregister: () => phone.unregister({ all: false }),
  call: ({ target }) => phone.call(target, silent),
  answer: () => session.answer(silent),
  reject: () => session.terminate({ status_code: 486 }),
  hangUp: () => session.terminate(),
};

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const { command, ...values } = JSON.parse(line);
  commands[command](values);
});
process.on('SIGTERM', () => process.exit(0));
phone.start();
