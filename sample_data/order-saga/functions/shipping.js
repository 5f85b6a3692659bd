"use strict";
/* Shipping queue: books a parcel for each order of the batch and tells the order-updates topic. */
const { metrics, trace } = require("@opentelemetry/api");
const { DynamoDBClient, UpdateItemCommand } = require("@aws-sdk/client-dynamodb");
const { PublishCommand, SNSClient } = require("@aws-sdk/client-sns");

const dynamodb = new DynamoDBClient({});
const sns = new SNSClient({});
const tracer = trace.getTracer("shop.shipping", "1.8.0");
const parcels = metrics.getMeter("shop.shipping").createCounter("shipping.parcels", {
  unit: "{parcel}",
  description: "Parcels booked with a carrier",
});
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function ship(record) {
  const order = JSON.parse(record.body);
  await tracer.startActiveSpan("book parcel", async (span) => {
    span.setAttribute("order.id", order.order_id);
    span.setAttribute("messaging.message.id", record.messageId);
    await pause(20 + Math.random() * 80); // the carrier's booking service
    const carrier = order.lines.length > 3 ? "freight" : "post";
    await dynamodb.send(
      new UpdateItemCommand({
        TableName: process.env.ORDERS_TABLE,
        Key: { order_id: { S: order.order_id } },
        UpdateExpression: "SET #s = :s, carrier = :c",
        ExpressionAttributeNames: { "#s": "status" },
        ExpressionAttributeValues: { ":s": { S: "SHIPPED" }, ":c": { S: carrier } },
      }),
    );
    const update = { order_id: order.order_id, customer: order.customer, status: "SHIPPED" };
    const message = { TopicArn: process.env.UPDATES_TOPIC, Message: JSON.stringify(update) };
    await sns.send(new PublishCommand(message));
    parcels.add(1, { carrier });
    console.log(`order ${order.order_id} shipped by ${carrier}`);
    span.end();
  });
}

exports.handler = async (event) => {
  await Promise.all(event.Records.map(ship));
  return { batchItemFailures: [] };
};
