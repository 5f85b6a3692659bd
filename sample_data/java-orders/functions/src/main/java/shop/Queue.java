package shop;

import java.net.URI;
import software.amazon.awssdk.services.sqs.SqsClient;

/** Sends to the queue whose URL an environment variable names. */
final class Queue {
  private final SqsClient sqs =
      SqsClient.builder().endpointOverride(URI.create(System.getenv("AWS_ENDPOINT_URL_SQS"))).build();
  private final String url;

  Queue(String variable) {
    url = System.getenv(variable);
  }

  void send(String body) {
    sqs.sendMessage(request -> request.queueUrl(url).messageBody(body));
  }
}
