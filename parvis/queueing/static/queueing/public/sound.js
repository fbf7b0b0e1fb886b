// A chime and a voice, made by the browser itself; silent until somebody has touched the page, where browsers want that.
let context = null;

/** Whether sound can be heard now; tries to begin. */
export async function soundReady() {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") await Promise.race([context.resume(), new Promise((done) => setTimeout(done, 200))]);
    return context.state === "running";
  } catch {
    return false;
  }
}

/** Two tones, as doors have them. */
export function chime() {
  if (context?.state !== "running") return;
  for (const [at, pitch] of [[0, 659.25], [0.28, 523.25]]) {
    const tone = context.createOscillator();
    const loud = context.createGain();
    const begin = context.currentTime + at;
    tone.frequency.value = pitch;
    tone.type = "sine";
    loud.gain.setValueAtTime(0, begin);
    loud.gain.linearRampToValueAtTime(0.35, begin + 0.02);
    loud.gain.exponentialRampToValueAtTime(0.001, begin + 0.9);
    tone.connect(loud).connect(context.destination);
    tone.start(begin);
    tone.stop(begin + 1);
  }
}

const LOCALES = { fr: "fr-FR", en: "en-GB" };
const LONGEST_MS = 8000;

/** Say a sentence in a language; resolves when it was said, or could not be. */
export function speak(sentence, language) {
  const voices = globalThis.speechSynthesis;
  if (!voices) return Promise.resolve();
  return new Promise((done) => {
    const words = new SpeechSynthesisUtterance(sentence);
    words.lang = LOCALES[language] ?? language;
    words.voice = voices.getVoices().find((voice) => voice.lang.replace("_", "-").startsWith(language)) ?? null;
    words.rate = 0.92;
    words.onend = words.onerror = () => done();
    setTimeout(done, LONGEST_MS);
    voices.speak(words);
  });
}

/** "R012" as one says it: "R 12". */
export function spoken(code) {
  return code.replace(/^([A-Z]+)0*(\d+)$/, (whole, letters, number) => `${[...letters].join(" ")} ${number}`);
}
