// As much of Flamenco's manager as compiles a job type: prints the tasks that it makes.
const fs = require("fs");
const vm = require("vm");

const tasks = [];
function expand(text) {
  return text.split(",").flatMap((part) => {
    const [range, step] = part.split(":");
    const [first, last] = range.split("-").map(Number);
    const found = [];
    for (let n = first; n <= (last || first); n += Number(step || 1)) found.push(n);
    return found;
  });
}
const context = {
  author: {
    Task: (name, type) => ({ name, type, commands: [], after: [], addCommand(c) { this.commands.push(c); }, addDependency(t) { this.after.push(t.name); } }),
    Command: (name, { exe, args }) => [name, exe, ...args],
  },
  frameChunker(text, size) {
    const frames = expand(text);
    const chunks = [];
    for (let i = 0; i < frames.length; i += size) {
      const part = frames.slice(i, i + size);
      chunks.push(part.length > 1 ? `${part[0]}-${part[part.length - 1]}` : `${part[0]}`);
    }
    return chunks;
  },
};
vm.createContext(context);
vm.runInContext(fs.readFileSync(process.argv[2], "utf8") + "\nthis.kind = JOB_TYPE; this.compile = compileJob;", context);
const settings = { recipe: process.argv[3] };
for (const setting of context.kind.settings) if (setting.default !== undefined) settings[setting.key] = setting.default;
context.compile({ settings, addTask: (task) => tasks.push(task) });
console.log(JSON.stringify(tasks));
