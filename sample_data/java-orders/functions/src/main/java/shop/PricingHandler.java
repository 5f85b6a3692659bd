package shop;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.SQSBatchResponse;
import com.amazonaws.services.lambda.runtime.events.SQSEvent;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/** A plain handler without Spring: prices a batch of orders, and reports those it cannot price. */
public class PricingHandler implements RequestHandler<SQSEvent, SQSBatchResponse> {
  private static final Logger LOG = LoggerFactory.getLogger(PricingHandler.class);
  private final Queue fulfilment = new Queue("FULFILMENT_QUEUE");

  @Override
  public SQSBatchResponse handleRequest(SQSEvent event, Context context) {
    List<SQSBatchResponse.BatchItemFailure> failed = new ArrayList<>();
    for (SQSEvent.SQSMessage message : event.getRecords()) {
      String order = message.getBody();
      if (order.contains("currency=XXX")) {
        try (MDC.MDCCloseable known = MDC.putCloseable("correlation_id", order.split(" ")[0])) {
          LOG.error("no price list for this currency");
        }
        failed.add(new SQSBatchResponse.BatchItemFailure(message.getMessageId()));
        continue;
      }
      try (MDC.MDCCloseable known = MDC.putCloseable("correlation_id", order.split(" ")[0])) {
        Pause.milliseconds(20);
        fulfilment.send(order + " priced");
        LOG.info("order priced");
      }
    }
    return new SQSBatchResponse(failed);
  }
}
