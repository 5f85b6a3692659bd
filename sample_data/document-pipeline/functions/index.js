"use strict";
/* Index queue: adds recognised documents to the search index and announces them on the bus. */
const { trace } = require("@opentelemetry/api");
const { DynamoDBClient, UpdateItemCommand } = require("@aws-sdk/client-dynamodb");
const { EventBridgeClient, PutEventsCommand } = require("@aws-sdk/client-eventbridge");

const dynamodb = new DynamoDBClient({});
const events = new EventBridgeClient({});
const tracer = trace.getTracer("archive.index", "4.4.0");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function addToIndex(record) {
  const job = JSON.parse(record.body);
  await tracer.startActiveSpan("index document", async (span) => {
    span.setAttribute("document_id", job.document_id);
    await pause(5 + job.pages * 4); // the search engine's bulk request
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: process.env.DOCUMENTS_TABLE,
        Key: { document_id: { S: job.document_id } },
        UpdateExpression: "SET #s = :s",
        ExpressionAttributeNames: { "#s": "status" },
        ExpressionAttributeValues: { ":s": { S: "INDEXED" } },
      }),
    );
    console.log(JSON.stringify({ message: "document indexed", correlation_id: job.document_id }));
    span.end();
  });
  return {
    Source: "archive.index",
    DetailType: "DocumentIndexed",
    Detail: JSON.stringify({ metadata: { correlationId: job.document_id }, pages: job.pages }),
    EventBusName: process.env.EVENT_BUS,
  };
}

exports.handler = async (event) => {
  const entries = await Promise.all(event.Records.map(addToIndex));
  await events.send(new PutEventsCommand({ Entries: entries }));
  return { batchItemFailures: [] };
};
