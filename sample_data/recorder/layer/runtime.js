"use strict";
/*
 * A small Lambda runtime for Node.js: asks the Runtime API for invocations and answers them.
 * It stands in for AWS's own client, whose native part cannot be built everywhere.
 */
const http = require("node:http");
const path = require("node:path");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });
const [moduleName, functionName] = process.env._HANDLER.split(".");
const handler = require(path.join(process.env.LAMBDA_TASK_ROOT, moduleName))[functionName];
let requestId = "";

function call(method, resource, body) {
  return new Promise((resolve, reject) => {
    const options = { host, port, method, agent, path: `/2018-06-01/runtime/${resource}` };
    if (body !== undefined) options.headers = { "Content-Length": Buffer.byteLength(body) };
    const request = http.request(options, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve({ headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on("error", reject);
    request.end(body);
  });
}

function contextOf(headers) {
  const deadline = Number(headers["lambda-runtime-deadline-ms"]);
  return {
    awsRequestId: headers["lambda-runtime-aws-request-id"],
    invokedFunctionArn: headers["lambda-runtime-invoked-function-arn"],
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
}

/* Lambda writes console lines as `time<TAB>request id<TAB>level<TAB>text`. */
function patchConsole() {
  for (const [method, level] of [["log", "INFO"], ["info", "INFO"], ["warn", "WARN"], ["error", "ERROR"]]) {
    console[method] = (...args) => {
      const line = [new Date().toISOString(), requestId, level, args.join(" ")].join("\t");
      process.stdout.write(line.replaceAll("\n", "\r") + "\n");
    };
  }
}

async function answer(event, context) {
  try {
    const result = await handler(event, context);
    await call("POST", `invocation/${requestId}/response`, JSON.stringify(result ?? null));
  } catch (error) {
    console.error("Invoke Error", error.stack);
    const body = JSON.stringify({ errorType: error.name, errorMessage: error.message });
    await call("POST", `invocation/${requestId}/error`, body);
  }
}

async function run() {
  patchConsole();
  for (;;) {
    const next = await call("GET", "invocation/next");
    requestId = next.headers["lambda-runtime-aws-request-id"];
    process.env._X_AMZN_TRACE_ID = next.headers["lambda-runtime-trace-id"];
    await answer(JSON.parse(next.body), contextOf(next.headers));
  }
}

run().catch(() => process.exit(1));
